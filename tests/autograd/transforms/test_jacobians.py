"""`jacobian` and `hessian`: blocks, ways, a network beside PyTorch."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, grad, hessian, jacobian
from tests.helpers.formulas import formula, points
from tests.helpers.networks import SAMPLES, loss, parameters, torch_loss


def test_blocks_are_result_structure_of_argument_structure():
    w = np.array([1.0, 2.0])
    f = lambda p: {"a": p["w"] @ p["w"], "b": [p["c"], np.outer(p["w"], p["w"])]}  # noqa: E731
    found = jacobian(f)({"w": w, "c": 3})
    assert list(found) == ["a", "b"]
    assert found["a"]["w"].tolist() == [2.0, 4.0]
    assert found["a"]["c"] == 0.0
    assert found["b"][0]["c"] == 1.0
    assert found["b"][0]["w"].tolist() == [0.0, 0.0]
    cube = found["b"][1]["w"]
    want = np.einsum("ik,j->ijk", np.eye(2), w) + np.einsum("jk,i->ijk", np.eye(2), w)
    assert np.array_equal(cube, want)
    assert found["b"][1]["c"].tolist() == [[0.0, 0.0], [0.0, 0.0]]
    cube[:] = 7.0
    assert found["b"][1]["c"].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_argnums_and_aux():
    f = lambda x, y: ([x * y, y], "aux")  # noqa: E731
    found, aux = jacobian(f, argnums=(1, 0), has_aux=True)(2.0, 3.0)
    assert (found, aux) == ([(2.0, 3.0), (1.0, 0.0)], "aux")
    assert hessian(lambda x, y: x * y * y, argnums=(0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    assert hessian(lambda x, y: x * y * y, argnums=1)(2.0, 3.0) == 4.0


def test_constant_results_and_no_inputs():
    assert jacobian(lambda x: [1.0, x, x])(2.0) == [0.0, 1.0, 1.0]
    assert jacobian(lambda x: (x, None))(2.0) == (1.0, None)
    assert jacobian(lambda x: [1.0])([]) == [[]]  # noqa: ARG005
    assert jacobian(lambda x: [])([1.0]) == []  # noqa: ARG005
    assert hessian(lambda x: 2 * x)(1.0) == 0.0
    assert hessian(lambda x: 2)(1.0) == 0.0  # noqa: ARG005


@pytest.mark.parametrize(
    ("inputs", "results", "way"), [(2, 5, "jvp"), (5, 2, "vjp"), (3, 3, "vjp")]
)
def test_the_shorter_way_is_taken(monkeypatch, inputs, results, way):
    from autograd.transforms import jacobians as matrices

    walks = {"jvp": 0, "vjp": 0}

    def counting(name, walk):
        def counted(*args):
            walks[name] += 1
            return walk(*args)

        return counted

    for name in walks:
        monkeypatch.setattr(matrices, name, counting(name, getattr(matrices, name)))
    jacobian(formula(3, results))(points(0, inputs))
    assert walks == {"jvp": 0, "vjp": 0, way: min(inputs, results)}


def test_a_result_costs_what_it_depends_on(monkeypatch):
    """Walks are over a result's own part of the graph: a thousand results of two inputs each."""
    from autograd.transforms import jacobians as matrices

    lengths = []
    monkeypatch.setattr(
        matrices,
        "vjp",
        lambda order, *rest, walk=matrices.vjp: lengths.append(len(order)) or walk(order, *rest),
    )
    n = 200
    found = jacobian(lambda x: x[:-1] * x[1:])(np.arange(1.0, n + 1))
    assert set(lengths) == {1}
    assert np.array_equal(np.nonzero(found)[1].reshape(-1, 2)[:, 0], np.arange(n - 1))


@settings(max_examples=40)
@given(seed=st.integers(0, 10**9), n=st.integers(1, 4), m=st.integers(1, 6))
def test_a_jacobian_has_gradients_for_rows(seed, n, m):
    f, x = formula(seed, m), points(seed, n)
    rows = [grad(lambda x, i=i: f(x)[i])(x) for i in range(m)]
    assert np.array(jacobian(f)(x)) == pytest.approx(np.array(rows), rel=1e-13, abs=1e-15)


def test_transforms_nest():
    cube = lambda x: np.sum(x**3)  # noqa: E731
    x = np.array([1.0, 2.0])
    assert np.array_equal(jacobian(grad(cube))(x), hessian(cube)(x))
    third = jacobian(hessian(cube))(x)
    assert third.shape == (2, 2, 2)
    assert third[1, 1, 1] == 6.0
    assert np.count_nonzero(third) == 2
    assert np.array_equal(hessian(lambda x: x**3)(x)[0], [[6.0, 0.0], [0.0, 0.0]])
    matrix = hessian(cube)(np.array([Value(1.0), Value(2.0)]))
    assert matrix.dtype == object
    assert float(matrix[1, 1]) == 12.0


def test_errors():
    with pytest.raises(TypeError) as caught:
        jacobian(lambda x: [x, {"a": "text"}])(1.0)
    assert str(caught.value) == (
        "jacobian: the function returned a str ('text') at the result[1]['a']; allowed are real "
        "numbers, Values, and lists, tuples, dicts and arrays of them"
    )
    with pytest.raises(TypeError, match="hessian: got None; allowed: a function"):
        hessian(None)
    with pytest.raises(TypeError, match=r"argnums: got a float \(0\.5\); allowed: a position"):
        jacobian(abs, argnums=0.5)


def test_the_hessian_of_a_network_is_the_slope_of_its_gradient():
    p, h = parameters(), 1e-5
    found = hessian(loss)(p)
    assert found.shape == (20, 20)
    assert found == pytest.approx(found.T, rel=1e-12, abs=1e-15)
    for i in range(20):
        step = h * np.eye(20)[i]
        column = (grad(loss)(p + step) - grad(loss)(p - step)) / (2 * h)
        assert found[:, i] == pytest.approx(column, rel=1e-6, abs=1e-8)


def test_the_hessian_of_a_network_is_pytorchs():
    torch = pytest.importorskip("torch")
    p = parameters()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyTorch's own, about itself
        want = torch.func.hessian(torch_loss(torch))(torch.tensor(p)).numpy()
    assert hessian(loss)(p) == pytest.approx(want, rel=1e-12, abs=1e-14)
    assert len(SAMPLES) == 3
