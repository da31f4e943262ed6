"""The table of a model's parts."""

import nn
from autograd import Value


class Tied(nn.Module):
    """Layers in containers, one of them twice, and a parameter of its own."""

    def __init__(self):
        first = nn.Layer(2, 3, rng=0)
        self.scale = Value(1.0)
        self.parts = {"a": [first, nn.Neuron(3, rng=0)], "b": first}


def test_parts_are_named_as_their_parameters_and_count_once():
    table = Tied().summary()
    rows = [line.split("  ") for line in table.splitlines()]
    named = [(row[0], row[-1].strip()) for row in rows if len(row) > 1]
    assert named == [
        ("name", "parameters"), ("parts.a.0", "9"), ("parts.a.1", "4"), ("parts.b", "0"),
        ("-", "1"), ("total", "14"),
    ]  # fmt: skip
    assert len(set(map(len, table.splitlines()))) == 1


def test_a_model_without_parts_and_a_million_parameters():
    assert nn.Neuron(2).summary().splitlines()[2] == "-      Neuron(2, 'relu')           3"
    assert nn.MLP(999, [1000]).summary().splitlines()[-1].endswith(" 1,000,000")
