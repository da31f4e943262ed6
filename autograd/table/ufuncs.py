"""Apply primitives element by element, and answer NumPy's universal functions with them."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import list_of, shown
from autograd.numbers import checked_nesting
from autograd.ops import TABLE

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}
PREDICATES = {name: getattr(np, name) for name in ("isfinite", "isinf", "isnan", "signbit")}
_calls: dict[str, Callable[..., Any]] = {}


def answer_to(name: str, call: Callable[..., Any]) -> None:
    """Register the scalar function that answers a NumPy function's name."""
    _calls[name] = call


def forget(name: str) -> None:
    """Undo `answer_to`."""
    _calls.pop(name, None)


def dispatch(ufunc: Any, method: str, operands: Sequence[Any], options: dict[str, Any]) -> Any:
    """Answer ``ufunc(*operands)`` where an operand is a `Value`, as ``__array_ufunc__`` asks."""
    name = ufunc.__name__
    (out,) = options.pop("out", (None,))
    if method != "__call__" or options:
        detail = f".{method}" if method != "__call__" else f" with {', '.join(options)}"
        raise TypeError(
            f"np.{name}{detail} does not take a Value; put it into an array of dtype object, or "
            "use autograd's own functions"
        )
    if name == "divmod":
        return tuple(_answer(part, operands) for part in ("floor_divide", "remainder"))
    result = _answer(name, operands)
    return result if out is None else _written(name, result, out)


def _answer(name: str, operands: Sequence[Any]) -> Any:
    call = _scalar_call(name)
    arrays = [_as_objects(x) if isinstance(x, (list, tuple)) else x for x in operands]
    result = elementwise(call, arrays)
    if name in COMPARISONS and isinstance(result, np.ndarray):
        return result.astype(bool)  # to choose elements with
    return result


def _written(name: str, result: Any, out: Any) -> Any:
    if not isinstance(out, np.ndarray):
        raise TypeError(f"np.{name}: got {shown(out)} for out; allowed is an array")
    if out.dtype != object and (name not in COMPARISONS or out.dtype != bool):
        raise TypeError(
            f"np.{name}: an array of {out.dtype} cannot hold Values; make it one of dtype object "
            "(np.array(x, dtype=object))"
        )
    out[...] = result
    return out


def _scalar_call(name: str) -> Callable[..., Any]:
    if name in _calls:
        return _calls[name]
    if name == "positive":
        return operator.pos
    if name in COMPARISONS:
        return COMPARISONS[name]
    if name in PREDICATES:
        predicate = PREDICATES[name]
        return lambda v: bool(predicate(getattr(v, "data", v)))
    known = sorted({alias for entry in TABLE.values() for alias in entry.numpy})
    raise TypeError(
        f"np.{name} has no derivative here; of NumPy's functions, a Value works with "
        f"{list_of(known)}"
    )


def elementwise(call: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """Call with each tuple of elements, broadcast; lists give lists, arrays give object arrays."""
    arrays = [_as_objects(operand) for operand in operands]
    try:
        with np.errstate(all="ignore"):  # numbers are IEEE here, for a list as for one number
            result = np.frompyfunc(call, len(arrays), 1)(*arrays)
    except ValueError as error:
        shapes = ", ".join(shown(operand) for operand in operands)
        raise ValueError(f"operands {shapes} do not fit together: {error}") from error
    has_array = any(isinstance(operand, np.ndarray) for operand in operands)
    if isinstance(result, np.ndarray) and not has_array:
        return result.tolist()
    return result


def _as_objects(operand: Any) -> Any:
    if isinstance(operand, (list, tuple, np.ndarray)):
        checked_nesting(operand, "an operand")
    if isinstance(operand, (list, tuple)):
        try:
            return np.array(operand, dtype=object)
        except ValueError as error:
            raise ValueError(
                f"got {shown(operand)} whose rows differ in length; give rows of one length"
            ) from error
    if isinstance(operand, np.longdouble) or getattr(operand, "dtype", None) == np.longdouble:
        with np.errstate(over="ignore"):
            operand = operand.astype(float)  # else NumPy hands it back to us, and so for ever
    return operand if isinstance(operand, np.ndarray) else _wrapped(operand)


def _wrapped(operand: Any) -> Any:
    """Put one thing into a 0-d array: NumPy would look into it otherwise."""
    box = np.empty((), dtype=object)
    box[()] = operand
    return box
