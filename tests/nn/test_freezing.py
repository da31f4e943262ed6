"""Frozen parameters: not trained by any engine, kept in every other way."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from viz.graph_model import GraphModel

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
LOSS = "binary_cross_entropy_with_logits"


def model(frozen=True):
    made = nn.MLP(3, [4, 1], activation="tanh", rng=0)
    if frozen:
        made[0].freeze()
    return made


def trained(made, **options):
    options = {"loss": LOSS, "epochs": 3, "batch_size": 8, **options}
    if "optimiser" not in options:
        options["lr"] = 0.05
    return nn.fit(made, X, Y, progress=False, rng=0, **options)["loss"]


def adamw(parameters):
    return nn.AdamW(parameters, lr=0.05, weight_decay=0.1)


@pytest.mark.parametrize("engine", ["compiled", "eager", "jax"])
def test_fit_leaves_them_alone(engine):
    if engine == "jax":
        pytest.importorskip("jax")
    made = model()
    W, b, last = made[0].W, made[0].b, made[1].W
    losses = trained(made, engine=engine, optimiser=adamw(made.parameters()))
    assert (made[0].W == W).all()
    assert (made[0].b == b).all()
    assert (last != made[1].W).all()
    other = model()
    tolerance = {"rtol": 1e-5 if engine == "jax" else 1e-12}
    np.testing.assert_allclose(
        losses, trained(other, optimiser=adamw(other.parameters())), **tolerance
    )


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_an_optimiser_of_before_does_not_move_them(engine):
    made = model(frozen=False)
    optimiser = adamw(made.parameters())
    trained(made, optimiser=optimiser, engine=engine)
    W = made[0].freeze().W
    trained(made, optimiser=optimiser, engine=engine)
    assert (made[0].W == W).all()
    made.zero_grad()
    made(X[0]).backward()
    optimiser.step()
    assert (made[0].W == W).all()


def test_the_program_has_no_gradient_of_them():
    made = model()
    step = autograd.compile(lambda x: made(x) ** 2, batch="x", engine="numpy")
    step(X)
    assert "dW2" in step.source
    assert "dW1" not in step.source


def test_training_all_again_uses_no_older_program():
    made = model()
    trained(made)
    made.predict(X)
    before = made.unfreeze()[0].W
    losses = trained(made)
    assert (before != made[0].W).all()
    np.testing.assert_allclose(made.predict(X), [y.data for y in made(X)], rtol=1e-12)
    assert losses[-1] < losses[0]


def test_compiled_functions_notice():
    made = model(frozen=False)
    step = autograd.compile(lambda x: made(x) ** 2, batch="x")

    def right():
        return np.mean([made(x).data ** 2 for x in X])

    for change in (
        made[0].freeze,
        lambda: setattr(made[0], "W", made[0].W / 2),
        lambda: made.load_state_dict(dict.fromkeys(made.state_dict(), 0.1)),
        made.unfreeze,
        lambda: setattr(made[0], "W", made[0].W / 2),
    ):
        change()
        for _ in range(3):
            assert step(X)[0] == pytest.approx(right(), rel=1e-12)


def test_they_are_parameters_in_other_ways(tmp_path):
    made = model()
    assert len(made.parameters()) == 5
    assert len(made.state_dict()) == 21
    assert repr(made).endswith("21 parameters, 16 of them frozen>")
    assert [line.split() for line in made.summary().splitlines()[-2:]] == [
        ["total", "21"],
        ["frozen", "16"],
    ]
    made.save(tmp_path / "model")
    other = nn.MLP(3, [4, 1], activation="tanh", rng=5)
    other.load(tmp_path / "model")
    assert other.state_dict() == made.state_dict()
    made.load_state_dict(nn.MLP(3, [4, 1], rng=7).state_dict())
    assert (made[0].W == nn.MLP(3, [4, 1], rng=7)[0].W).all()
    assert len(made.parameters()) == 5
    with pytest.raises(TypeError, match="b is a parameter of this Neuron, and a float"):
        made[0].neurons[0].b = 3.0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_frozen(copied):
    made = copied(model())
    assert len(made.parameters()) == 5
    assert len(made.unfreeze().parameters()) == 21
    assert made[0].neurons[0].w[1].label == "layers.0.neurons.0.w.1"


def test_parts():
    made = model(frozen=False)
    made[0].neurons[2].freeze()
    assert len(made.parameters()) == 17
    assert made.freeze().parameters() == []
    made[1].unfreeze()
    assert len(made.parameters()) == 5
    assert len(made.unfreeze().parameters()) == 21
    assert made.freeze().freeze().unfreeze().parameters() == made.parameters()


def test_modules_of_the_users():
    class Own(nn.Module):
        def __init__(self):
            self.slope, self.table = autograd.Value(2.0), {"a": [autograd.Value(1.0)]}
            self.fixed = autograd.constant(3.0)

        def __call__(self, x):
            return self.slope * x + self.table["a"][0] * self.fixed

    made = Own().freeze()
    assert made.state_dict() == {"slope": 2.0, "table.a.0": 1.0}
    made(1.0).backward()
    assert not made.slope.has_grad
    assert len(made.unfreeze().parameters()) == 2
    assert made.fixed.is_constant


def test_a_parameter_of_two_modules_is_frozen_in_both():
    class Tied(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Neuron(1), nn.Neuron(1)
            self.second.w = self.first.w

        def __call__(self, x):
            return self.second(self.first(x))

    made = Tied()
    made.first.freeze()
    assert [name for name, _ in made.named_parameters()] == ["second.b"]
    assert len(made.state_dict()) == 3


def test_nothing_to_train():
    with pytest.raises(
        ValueError, match=r"^nothing of <MLP\(.* frozen> can be trained: call unfreeze"
    ):
        trained(model().freeze())


def test_a_resumed_training_needs_the_same_ones(tmp_path):
    path = tmp_path / "run.ckpt"
    trained(model(), checkpoint=path)
    changed = model()
    changed[0].W = changed[0].W + 1
    for other in (model(frozen=False), changed):
        with pytest.raises(ValueError, match="frozen parameters was"):
            trained(other, epochs=5, checkpoint=path, resume=True)
    resumed = model()
    losses = trained(resumed, epochs=5, checkpoint=path, resume=True)
    assert losses == trained(model(), epochs=5)


def test_they_are_drawn_in_their_layer_as_constants():
    graph = GraphModel.build([model()([1.0, 2.0, 3.0])])
    names = {
        name: (role, frames)
        for name, role, frames in zip(graph.names, graph.roles, graph.frames, strict=True)
    }
    role, frames = names["layers.0.neurons.3.w.1"]
    assert role == "constant"
    assert [str(frame) for frame in frames] == ["layer 0", "neuron 3"]
    sums = [
        frames for node, frames in zip(graph.nodes, graph.frames, strict=True) if node.op == "dot"
    ]
    assert [str(frames[0]) for frames in sums] == ["layer 0"] * 4 + ["layer 1"]
