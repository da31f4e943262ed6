"""The benchmark of training at scale, run small; no time is ever asserted."""

import re

import numpy as np
import pytest

import nn
from benchmarks import __main__ as command
from benchmarks import training, turns


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(training, "NETWORKS", (((2, 3, 1), 4), ((3, 4, 2), 5)))


def test_the_command_prints_three_tables_and_writes_them(tmp_path, capsys):
    file = tmp_path / "table.md"
    asked = [
        "--training",
        "--megabytes",
        "3",
        "--sizes",
        "10",
        "500",
        "--rounds",
        "1",
        "--steps",
        "2",
    ]
    assert command.main([*asked, "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    for name in ("2-3-1 | 13 | 4", "3-4-2 | 26 | 5"):
        assert re.search(rf"^\| {name} \| [\d.]+ \w+ \| [\d.]+ \w+ \| [\d.]+ x \| [\d.]+ x \|$",
                         text, re.MULTILINE)  # fmt: skip
    for way in training.WAYS:
        assert re.search(rf"^\| {way} \| [\d.]+ \w+ \| [\d,]+ \|$", text, re.MULTILINE)
    kilobytes = [int(size) for size in re.findall(r"^\| [\d,]+ \| (\d+) kB", text, re.MULTILINE)]
    assert kilobytes == [1, 13], "24 bytes a parameter, and what is said about them"


def test_an_iterable_gives_all_samples():
    batches = list(training.slices(*[list(range(2500))] * 2))
    assert [len(X) for X, _ in batches] == [1024, 1024, 452]
    assert sum(sum(Y) for _, Y in batches) == sum(range(2500))


@pytest.mark.parametrize(("widths", "output"), [((2, 3, 1), "sigmoid"), ((3, 4, 2), "softmax")])
def test_the_training_by_hand_is_the_same_training(widths, output):
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(6, widths[0])), random.integers(0, 2, 6)
    hand = turns.InNumpy(widths, X, Y, batch=6)
    network = nn.MLP(widths[0], widths[1:], output=output, rng=0)
    for layer, (W, b) in zip(network.layers, hand.layers, strict=True):
        for j, neuron in enumerate(layer.neurons):
            for weight, number in zip(neuron.w, W[:, j], strict=True):
                weight.data = number
            neuron.b.data = b[j]
    loss = "binary_cross_entropy" if output == "sigmoid" else "cross_entropy"
    history = nn.fit(network, X, Y, loss=loss, lr=turns.RATE, epochs=4, progress=False)
    assert [hand.step(i + 1, slice(None)) for i in range(4)] == pytest.approx(history["loss"])
