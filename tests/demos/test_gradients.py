"""What the demos draw is right: each gradient is the sum over the arrows that leave its node."""

import importlib
from math import fsum

import pytest

from autograd.graph import topological

DRAWING = ("computational_graph", "logistic_regression", "mlp_backpropagation", "scalar_to_numpy")


def flows(result):
    """Return each node of a graph with local derivative times gradient, an arrow a number."""
    nodes = topological(result)
    arrows = {node: [] for node in nodes}
    for node in nodes:
        for source, partial in zip(node.inputs, node.partials, strict=True):
            arrows[source].append(partial * node.grad)
    return arrows


@pytest.mark.parametrize("name", DRAWING)
def test_every_gradient_that_a_demo_draws_is_the_sum_of_its_arrows(name, tmp_path, monkeypatch):
    demo = importlib.import_module(f"demos.{name}")
    drawn, draw = [], demo.draw

    def seen(result, *args, **options):
        drawn.append({v: (v.grad, fsum(parts)) for v, parts in flows(result).items() if parts})
        assert result.grad == 1.0
        return draw(result, *args, **options)

    monkeypatch.setattr(demo, "draw", seen)
    demo.main(tmp_path)
    assert drawn
    for graph in drawn:
        for node, (gradient, total) in graph.items():
            if not node.is_constant:
                assert gradient == pytest.approx(total, rel=1e-12), node
