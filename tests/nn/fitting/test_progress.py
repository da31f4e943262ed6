import itertools
import re

import nn
from nn.fitting import progress
from nn.fitting.progress import Bar


def test_samples_a_second_are_those_of_the_steps(monkeypatch, capfd):
    clock = itertools.count(100)  # a second from each look at the clock to the next
    monkeypatch.setattr(progress, "perf_counter", lambda: next(clock))
    with Bar(2, 0, wanted=True) as bar:
        bar.step(5000, 1, 0.5)
        bar.step(5000, 2, 0.25)
        next(clock)  # the validation
        bar.epoch({"loss": 0.25, "seconds": 3.0})
    shown = capfd.readouterr().err
    assert "step=1, loss=0.5, samples/s=5,000" in shown
    assert "step=2, loss=0.25, samples/s=5,000" in shown
    assert "1/2" in shown
    assert "seconds" not in shown


def test_a_training_shows_its_throughput(line, capfd):
    nn.fit(*line, epochs=3)
    assert re.search(r"samples/s=\d", capfd.readouterr().err)


def test_a_bar_goes_on_where_the_training_does(line, tmp_path, capfd):
    kept = {"checkpoint": tmp_path / "run.ckpt"}
    nn.fit(*line, epochs=3, progress=False, **kept)
    nn.fit(*line, epochs=3, resume=True, **kept)
    shown = capfd.readouterr().err
    assert "3/3" in shown
    assert "0/3" not in shown
