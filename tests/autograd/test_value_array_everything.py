"""All of NumPy on arrays of Values: right against differences, or refused."""

import numpy as np
import pytest

import autograd
from autograd import Value
from tests.helpers.numerics import finite_differences

X = np.array([[0.71, -1.3, 0.23], [0.4, 2.1, -0.6], [1.4, 0.3, 0.9]])
OTHER = np.array([[0.31, 1.1, 2.2], [-0.45, 0.55, 0.65], [0.1, -0.95, 0.77]])
FILES = {  # write or read files, settings, or tell of the machine
    *("fromfile", "genfromtxt", "info", "load", "loadtxt", "save", "savetxt", "savez", "test"),
    *("savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config"),
    *("show_runtime",),
}
UNINTERESTING = {  # arbitrary numbers, or another reading of an array's memory
    *("empty_like", "frombuffer", "isscalar", "may_share_memory", "shares_memory"),
}
CALLS = {
    "x": lambda f, x: f(x),
    "x, other": lambda f, x: f(x, OTHER),
    "other, x": lambda f, x: f(OTHER.copy(), x),
    "x, x": lambda f, x: f(x, x),
    "x, 1": lambda f, x: f(x, 1),
    "x, 0.37": lambda f, x: f(x, 0.37),
    "x, axis": lambda f, x: f(x, axis=0),
    "condition, x, other": lambda f, x: f(OTHER > 0, x, OTHER.copy()),
    "row": lambda f, x: f(x[0]),
    "row, row": lambda f, x: f(x[0], OTHER[0]),
    "x, grid, grid": lambda f, x: f(x, np.sort(OTHER.ravel()), np.arange(9.0)),
    "one": lambda f, x: f(x[0, 0]),
    "one, grid, grid": lambda f, x: f(x[0, 0], np.sort(OTHER.ravel()), np.arange(9.0)),
}


def public(module):
    for name in dir(module):
        function = getattr(module, name)
        if name.startswith("_") or name in FILES | UNINTERESTING or isinstance(function, type):
            continue
        if callable(function):
            yield pytest.param(function, id=f"{module.__name__}.{name}")


def methods():
    for name in dir(np.ndarray):
        if name.startswith("_") or name in {"dump", "tofile", "getfield", "view", "setflags"}:
            continue
        if callable(getattr(np.ndarray, name)):
            yield pytest.param(
                lambda x, *args, name=name, **named: getattr(x, name)(*args, **named),
                id=f"ndarray.{name}",
            )


def weighted(result):
    """A number that depends on all that is in a result; nested lists are flattened."""
    total, stack, k = 0.0, [result], 0
    while stack:
        item = stack.pop()
        if isinstance(item, (tuple, list)):
            stack += item
        elif isinstance(item, np.ndarray):
            stack += item.ravel().tolist()
        elif isinstance(item, complex):
            stack += [item.real, item.imag]
        elif isinstance(item, (Value, float, int, np.number, np.bool_)):
            k += 1
            total = total + (item if type(item) is Value else float(item)) * (1 + 0.37 * k)
    return total


def expected(function, call):
    """What NumPy says of plain numbers, and its differences; None where it has nothing to say."""
    try:
        with np.errstate(all="ignore"):
            value = weighted(call(function, X.copy()))
            slopes = finite_differences(lambda x: weighted(call(function, x)), X)
    except Exception:  # noqa: BLE001 - a call that this function does not take
        return None
    sudden = np.abs(slopes) > 1e4  # a jump between two points
    return None if not np.isfinite(value) or sudden.any() else (value, slopes)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", [*public(np), *public(np.linalg), *public(np.fft), *methods()])
def test_right_or_refused(function):
    for name, call in CALLS.items():
        known = expected(function, call)
        if known is None:
            continue

        def differentiated(x, call=call):
            return 0.0 * x[0, 0] + weighted(call(function, x))

        try:
            value, slopes = autograd.value_and_grad(differentiated)(X)
        except (TypeError, ValueError, AttributeError, BufferError, IndexError):
            continue
        assert value == pytest.approx(known[0], rel=1e-9), name
        assert slopes == pytest.approx(known[1], rel=1e-4, abs=1e-5), name
