import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.engines.steps import CompiledStep, EagerStep


def test_a_step_leaves_the_gradient_of_the_mean(line):
    model, X, Y = line
    step = EagerStep(model, nn.mse)
    for _ in range(2):
        model.zero_grad()  # as the training does: a step adds its gradients, like any backward pass
        assert step(X, Y) == pytest.approx(9.0)
        assert model.w[0].grad == pytest.approx(-7.0)
        assert model.b.grad == pytest.approx(-4.0)


def test_a_penalty_is_added(line):
    model, X, Y = line
    model.b.data = 2.0
    plain = EagerStep(model, nn.mse)(X, Y)
    with_penalty = EagerStep(model, nn.mse, lambda ps: nn.l2_penalty(ps, 0.25))(X, Y)
    assert with_penalty == pytest.approx(plain + 1.0)


def test_no_gradient_is_computed_for_a_loss_that_is_not_finite(line):
    model, X, Y = line
    assert EagerStep(model, lambda p, t: (p - t).log())(X[1:2], Y[1:2]) != 0
    assert not model.b.has_grad


def test_a_loss_may_return_several_nodes_and_the_graph_is_one(line):
    model, X, Y = line
    step = EagerStep(model, nn.mse)
    loss = step._loss((X, Y))
    assert loss.op == "mean"
    assert len(autograd.graph.topological(loss)) == 1 + 4 * (2 + 2 + 1) - 1 + 3


@pytest.mark.parametrize("kind", [EagerStep, CompiledStep])
def test_a_batch_that_reaches_no_parameter_has_a_loss_and_no_gradients(line, kind):
    model, X, Y = line
    step = kind(model, lambda p, t: p if t > 1.5 else max(t, 0.25))
    reached = [t for t in Y if t > 1.5]
    assert reached
    assert len(reached) < len(Y)
    for x, t in zip(X, Y, strict=True):
        assert step([x], [t]) == pytest.approx(model(x).data if t > 1.5 else max(t, 0.25))
        assert model.b.has_grad == (t > 1.5)
        step.explain([x], [t])


def test_no_batch_is_a_step_under_no_grad(line):
    model, X, Y = line
    with autograd.no_grad(), pytest.raises(RuntimeError, match="train outside of it"):
        EagerStep(model, nn.mse)(X, Y)


@pytest.mark.parametrize("kind", [EagerStep, CompiledStep])
def test_a_loss_that_does_not_depend_on_the_model_has_no_gradients(line, kind):
    model, X, Y = line
    step = kind(model, lambda _p, _t: autograd.constant(2.0))
    assert step(X, Y) == step(X[:1], Y[:1]) == 2.0
    step.explain(X, Y)
    assert not any(parameter.has_grad for parameter in model.parameters())
    assert EagerStep(model, lambda _p, _t: Value(1.0))(X[:1], Y[:1]) == 1.0


@pytest.mark.parametrize("kind", [EagerStep, CompiledStep])
@pytest.mark.parametrize("constant", [0.0, 1, np.float64(2.0), Value(1.0), autograd.constant(3.0)])
@pytest.mark.parametrize("samples", [1, 2])
def test_a_constant_is_a_loss_from_which_no_gradient_comes(line, kind, constant, samples):
    model, X, Y = line
    assert kind(model, lambda _p, _t: constant)(X[:samples], Y[:samples]) == float(constant)
    assert not any(parameter.has_grad for parameter in model.parameters())


@pytest.mark.parametrize("kind", [EagerStep, CompiledStep])
@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "must be one number, a Value or a float, got None: is its return missing?"),
        ("a", r"must be one number, a Value or a float, got a str \('a'\)"),
        ([1.0], "must be one number, a Value or a float, got a list of 1"),
    ],
)
def test_a_loss_or_penalty_that_is_no_number_is_named(line, kind, result, message):
    model, X, Y = line
    with pytest.raises(TypeError, match=f"the loss {message}"):
        kind(model, lambda _p, _t: result)(X, Y)
    with pytest.raises(TypeError, match=f"the penalty {message}"):
        kind(model, nn.mse, lambda _ps: result)(X, Y)
