import pytest

import autograd
import nn
import viz
from autograd import Value


def before_backward(_):
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return viz.draw(3 * (a + b * c), title="Before backward")


def square(_):
    a = Value(3.0, "a")
    J = a * a
    J.backward()
    return viz.draw(J)


def not_finite(_):
    a, b = Value(0.0, "a"), Value(-1.0, "b")
    J = a.log() * b + b.log()
    J.backward()
    return viz.draw(J)


def escaping(_):
    a = Value(1.0, 'a<b> & "c" \\n {d|e}')
    b = Value(2.0, "重み\n\x00 ŷ's")
    J = autograd.sum([a, b])
    J.label = "<b>J</b>"
    J.backward()
    return viz.draw(J, title='<title> & \\l "x"')


def logistic(graphs, **options):
    L, names, parameters = graphs["logistic"]()
    return viz.draw(L, names, model=parameters, **options)


def softmax(_):
    t = [Value(1.0), Value(2.0), Value(0.5)]
    return viz.draw(autograd.softmax(t), names={"t": t})


def batch(**options):
    """Draw the mean hinge loss of a 2-3-1 network over 20 samples.

    ``around`` is the number of a sample whose score is meant, ``path`` that of a parameter from
    which the path to the loss is.
    """
    model = nn.MLP(2, [3, 1], activation="relu", rng=0)
    samples = [(0.1 * k - 1, 0.5 - 0.05 * k, 1 if k % 3 else -1) for k in range(20)]
    scores = [model([x, y]) for x, y, _ in samples]
    loss = autograd.mean([(1 - s * c).relu() for s, (_, _, c) in zip(scores, samples, strict=True)])
    loss.label = "loss"
    loss.backward()
    if "around" in options:
        options["around"] = scores[options["around"]]
    if "path" in options:
        options["path"] = (list(model.parameters())[options["path"]], loss)
    return viz.draw(loss, **options)


PICTURES = {
    "batch.dot": lambda _: batch(limit=100),
    "batch-open.dot": lambda _: batch(open=["layers.0"]),
    "batch-open-neuron.dot": lambda _: batch(open="layers.0.neurons.1"),
    "batch-depth-0.dot": lambda _: batch(depth=0),
    "batch-around.dot": lambda _: batch(around=0, hops=2),
    "batch-path.dot": lambda _: batch(path=0, limit=40),
    "j.dot": lambda graphs: viz.draw(graphs["lecture"]()),
    "j-dark.dot": lambda graphs: viz.draw(graphs["lecture"](), theme="dark"),
    "j-auto-tb.dot": lambda graphs: viz.draw(graphs["lecture"](), theme="auto", direction="TB"),
    "before-backward.dot": before_backward,
    "square.dot": square,
    "not-finite.dot": not_finite,
    "escaping.dot": escaping,
    "logistic.dot": logistic,
    "softmax.dot": softmax,
    "mlp.dot": lambda graphs: viz.draw(graphs["loss"]()),
    "mlp-neurons.dot": lambda graphs: viz.draw(graphs["loss"](), fold="neurons"),
    "mlp-layers.dot": lambda graphs: viz.draw(graphs["loss"](), fold="layers"),
    "chain.dot": lambda graphs: viz.draw(graphs["chain"](1000)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_dot_text_is_as_it_was(name, graphs, golden):
    golden(name, PICTURES[name](graphs).dot)


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_can_be_laid_out(name, graphs):
    svg = PICTURES[name](graphs).svg()
    assert svg.startswith("<svg")
    assert 'class="background"' in svg


def test_text_is_the_same_for_a_graph_built_again(graphs):
    assert PICTURES["mlp.dot"](graphs).dot == PICTURES["mlp.dot"](graphs).dot
