"""Golden text of explain, ledger and text; see conftest.py for how to write it anew."""

import pytest

import autograd
import nn
import viz
from autograd import Value


def lecture(graphs):
    J = graphs["lecture"]()
    b = next(node for node in autograd.graph.topological(J) if node.label == "b")
    return J, b, {}


def logistic(_):
    w, b = [Value(0.5, "w1"), Value(-0.25, "w2")], Value(0.125, "b")
    x, y = [Value(1.0, "x1"), Value(2.0, "x2")], autograd.constant(1.0, "y")
    z = autograd.dot(w, x, b)
    yhat = z.sigmoid()
    L = -(y * yhat.log() + (1 - y) * (1 - yhat).log())
    return L, w[1], {"z": z, "ŷ": yhat, "L": L}


def mlp(_):
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    for k, p in enumerate(model.parameters()):
        p.data = (3 * k + 2) % 7 / 8 - 0.375
    x = [Value(0.5, "x1"), Value(-1.0, "x2")]
    return nn.binary_cross_entropy(model(x), 1), x[0], {}


def shared(_):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    s = a + b
    p = s * s
    q = p + s * a
    return q * p, a, {"s": s, "p": p, "q": q}


def square(_):
    a = Value(3.0, "a")
    return a * a, a, {}


def softmax(_):
    t = [Value(2.0), Value(1.0), Value(-1.0)]
    p = autograd.softmax(t)
    return -autograd.log(p[0] * p[0] + p[2]), t[0], {"t": t, "p": p}


GRAPHS = (lecture, logistic, mlp, shared, square, softmax)
WAYS = {
    "explain.txt": lambda J, x, names: str(viz.explain(J, x, names)),
    "explain.md": lambda J, x, names: viz.explain(J, x, names).markdown,
    "ledger.txt": lambda J, _, names: viz.ledger(J, names).text(100),
    "ledger.md": lambda J, _, names: viz.ledger(J, names).markdown,
    "ledger.html": lambda J, _, names: viz.ledger(J, names).html,
    "text.txt": lambda J, _, names: viz.text(J, names).render(width=80, encoding="utf-8"),
    "ascii.txt": lambda J, _, names: viz.text(J, names).render(width=80, encoding="ascii"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("build", GRAPHS, ids=lambda build: build.__name__)
def test_text_is_as_it_was(build, way, graphs, golden):
    J, x, names = build(graphs)
    if not J.has_grad:
        J.backward()
    golden(f"{build.__name__}-{way}", WAYS[way](J, x, names).rstrip("\n") + "\n")
