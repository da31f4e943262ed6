"""NumPy's dispatch protocols: what its universal functions, and its others, do with Values.

`Value` and `ValueArray` forward ``__array_ufunc__`` to `dispatch` and ``__array_function__`` to
`dispatch_function`. A function without a registered implementation is refused, so that nothing is
computed without its derivative.
"""

import importlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd._frames import users_line
from autograd.errors import ConcretizationError, list_of, shown
from autograd.primitives import TABLE

_ufuncs: dict[str, Callable[..., Any]] = {}
_functions: dict[Callable[..., Any], Callable[..., Any]] = {}
_DEFAULTS = {"where": True, "casting": "same_kind", "order": "K", "subok": True}  # the defaults


def answer_to(name: str, call: Callable[..., Any]) -> None:
    """Register the implementation of a ufunc, ``"exp"``, or of its method, ``"add.reduce"``."""
    _ufuncs[name] = call


def forget(name: str) -> None:
    """Undo `answer_to`."""
    _ufuncs.pop(name, None)


def implements(*functions: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Register an implementation of other functions of NumPy; it takes the same arguments."""

    def register(call: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            _functions[function] = call
        return call

    return register


@cache
def _import_arrays() -> None:
    """Import the implementations for arrays of Values, when they are first needed."""
    importlib.import_module("autograd.arrays")


def dispatch(ufunc: Any, method: str, operands: Sequence[Any], options: dict[str, Any]) -> Any:
    """Compute a ufunc that has a `Value` or a `ValueArray` among its operands."""
    _import_arrays()
    name = ufunc.__name__
    if method != "__call__":
        return _call_method(name, method, operands, options)
    outs = options.pop("out", ())
    _check_options(f"np.{name}", options)
    if name == "divmod":
        parts = [_call_ufunc(part, operands) for part in ("floor_divide", "remainder")]
        return tuple(map(written, [name] * 2, parts, outs)) if outs else tuple(parts)
    result = _call_ufunc(name, operands)
    return written(name, result, outs[0]) if outs else result


def dispatch_function(
    function: Callable[..., Any], args: Sequence[Any], named: dict[str, Any]
) -> Any:
    """Compute another function of NumPy."""
    _import_arrays()
    call = _functions.get(function)
    if call is None:
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        raise ConcretizationError(
            f"{name} has no derivative here: it would lose the gradients of Values, at "
            f"{users_line()}; write it in operations that have one (docs: Arrays of Values), or "
            "give it numbers, v.data"
        )
    return call(*args, **named)


def _call_method(name: str, method: str, operands: Sequence[Any], options: dict[str, Any]) -> Any:
    call = _ufuncs.get(f"{name}.{method}")
    if call is None or not any(isinstance(x, np.ndarray) for x in operands):
        raise TypeError(
            f"np.{name}.{method} does not take a Value; put it into an array of dtype object, or "
            "use autograd's own functions"
        )
    if "out" in options:
        options["out"] = options["out"][0]
    return call(*operands, **options)


def _check_options(name: str, options: dict[str, Any]) -> None:
    for option, value in options.items():
        if option not in _DEFAULTS or value != _DEFAULTS[option]:
            raise TypeError(
                f"{name} with {option} does not take a Value; use autograd's own functions"
            )


def _call_ufunc(name: str, operands: Sequence[Any]) -> Any:
    call = _ufuncs.get(name)
    if call is None:
        known = sorted({alias for entry in TABLE.values() for alias in entry.numpy})
        raise TypeError(
            f"np.{name} has no derivative here; of NumPy's functions, a Value works with "
            f"{list_of(known)}"
        )
    return call(*operands)


def written(name: str, result: Any, out: Any) -> Any:
    """Write a result into the array ``out`` and return that; for None, return the result."""
    if out is None:
        return result
    if not isinstance(out, np.ndarray):
        raise TypeError(f"np.{name}: got {shown(out)} for out; allowed is an array")
    if out.dtype != object and (out.dtype != bool or np.asarray(result).dtype != bool):
        raise TypeError(
            f"np.{name}: an array of {out.dtype} cannot hold Values; make it one of dtype object "
            "(np.array(x, dtype=object))"
        )
    out[...] = result
    return out
