"""Flatten arguments into arrays of numbers, and give gradients the same structure.

Numbers, arrays and full nested lists of numbers are one array each; lists of arrays or of tuples,
and other containers, are trees of these (`autograd.tree`). Text and functions belong to the
structure: another one is another variant of the program.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import as_ndarray, float_or_none, is_masked, real_array
from autograd.errors import shown
from autograd.tree import LEAF, MAX_DEPTH, TreeDef, check_depth, node_of, tree_flatten
from autograd.tree_spec import ArraySpec, Static, TreeSpec, leaf_name
from autograd.value import Value

ALLOWED = "allowed are real numbers, arrays, and lists, tuples and dicts of them"
VALUES_HINT = (
    " (Values that a function closes over are its parameters). A call with Values gives a Value: "
    "call backward() of that"
)
NUMBERS = (int, float, np.integer, np.floating, np.bool_)


def flatten(name: str, argument: Any, arrays: list[NDArray[Any]]) -> TreeSpec:
    """Append an argument's arrays; return its spec."""
    if node_of(argument) is None or isinstance(argument, np.ndarray):
        return TreeSpec(LEAF, (_leaf(argument, {}, arrays, (LEAF, 0, name)),))
    full: dict[int, NDArray[Any]] = {}  # of nested lists that are one array each, by their ids

    def is_leaf(x: Any) -> bool:
        if isinstance(x, np.ndarray):
            return True
        if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
            array = _full_array(x)
            if array is not None:
                full[id(x)] = array
                return True
        return False

    leaves, treedef = tree_flatten(argument, is_leaf, name=name)
    specs = [_leaf(leaf, full, arrays, (treedef, i, name)) for i, leaf in enumerate(leaves)]
    return TreeSpec(treedef, tuple(specs))


def _leaf(
    leaf: Any,
    full: Mapping[int, NDArray[Any]],
    arrays: list[NDArray[Any]],
    place: tuple[TreeDef, int, str],
) -> ArraySpec | Static:
    """Append the array of a leaf, if it has numbers; return its spec."""
    array = as_ndarray(leaf)
    if array is not None:
        array = _real(array, place)
        arrays.append(array)
        return ArraySpec("array", array.shape, array.dtype.kind in "biu")
    if isinstance(leaf, NUMBERS):
        arrays.append(np.asarray(float(leaf) if isinstance(leaf, np.longdouble) else leaf))
        return ArraySpec("number", (), not isinstance(leaf, (float, np.floating)))
    if isinstance(leaf, (list, tuple)):
        row = full[id(leaf)]
        arrays.append(row)
        kind = "list" if isinstance(leaf, list) else "tuple"
        return ArraySpec(kind, row.shape, row.dtype.kind in "biu")
    number = None if isinstance(leaf, Value) else float_or_none(leaf, leaf_name(*place))
    if number is not None:  # a Fraction, among others
        arrays.append(np.asarray(number))
        return ArraySpec("number", ())
    if isinstance(leaf, str) or _is_function(leaf):
        return Static(leaf)
    hint = VALUES_HINT if isinstance(leaf, Value) else ""
    raise TypeError(f"{leaf_name(*place)}: got {shown(leaf)}; {ALLOWED}{hint}")


def _is_function(thing: Any) -> bool:
    """Whether a thing is a function, such as a default: another one is another program."""
    return callable(thing) and not isinstance(thing, (type, Value))


def _full_array(items: Sequence[Any]) -> NDArray[Any] | None:
    """Return full nested lists of numbers, or a tuple of such, as an array; None for others."""
    if type(items) not in {list, tuple}:
        items = list(items)  # a class derived from these may count its items otherwise
    if not items or isinstance(items[0], (dict, str)) or _has_others(items):
        return None
    try:
        array = np.array(items)
    except (ValueError, TypeError, OverflowError):  # rows of different lengths, among others
        return None
    return array if array.dtype.kind in "biuf" else None


def _has_others(items: Sequence[Any], room: int = MAX_DEPTH) -> bool:
    """Whether there are tuples or arrays in nested lists, also of classes derived from these.

    So it is of lists nested too deep, which `tree_flatten` refuses.
    """
    kinds = set(map(type, items))
    if not room:
        return True
    if kinds <= {int, float}:  # most rows
        return False
    if any(issubclass(kind, tuple) or _makes_arrays(kind) for kind in kinds):
        return True
    rows = [row for row in items if isinstance(row, list)] if list in kinds else []
    return any(_has_others(row, room - 1) for row in rows)


def _makes_arrays(kind: type) -> bool:
    return hasattr(kind, "__array__") and not issubclass(kind, (np.generic, Value))


def samples(name: str, argument: Any, arrays: list[NDArray[Any]]) -> TreeSpec:
    """Append a batch: an array whose first axis are the samples; return one sample's spec."""
    check_depth(argument, name)  # before NumPy looks into it
    array = _floats(np.asarray(argument))
    if array.dtype.kind not in "biuf" or not array.ndim or not len(array):
        raise TypeError(
            f"{name}: got {shown(argument)}; a batch is an array of numbers with the samples along "
            "its first axis, and at least one"
        )
    if is_masked(argument):
        _real(argument, (LEAF, 0, name))
    arrays.append(array)
    return TreeSpec(LEAF, (ArraySpec("array", array.shape[1:], array.dtype.kind in "biu"),))


def static(name: str, argument: Any, arrays: list[NDArray[Any]]) -> TreeSpec:  # noqa: ARG001 - as above
    """Return the spec of an argument that is a part of the structure: a whole number.

    >>> static("n", np.int64(3), [])
    TreeSpec(treedef=TreeDef(*), leaves=(Static(value=3),))
    """
    if isinstance(argument, bool) or not isinstance(argument, (int, np.integer)):
        hint = ", as of a traced function" if isinstance(argument, Value) else ""
        raise TypeError(
            f"{name}: got {shown(argument)}{hint}; allowed for a static argument is a whole number"
        )
    return TreeSpec(LEAF, (Static(int(argument)),))


def _real(array: NDArray[Any], place: tuple[TreeDef, int, str]) -> NDArray[Any]:
    """Return an array of real numbers; raise TypeError for others, or where some are left out."""
    if is_masked(array):
        name = leaf_name(*place)
        raise TypeError(f"{name}: got a masked array; fill it first, as in {name}.filled(0.0)")
    numbers = _floats(array)
    if numbers.dtype.kind not in "biuf":
        raise TypeError(
            f"{leaf_name(*place)}: got an array of {array.dtype}; allowed are real numbers"
        )
    return numbers


def _floats(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of objects that are real numbers, such as Fractions, as one of floats."""
    if array.dtype.kind == "O":
        with contextlib.suppress(TypeError):
            return real_array(array, "argument")
    return array


def as_given(kind: str, gradient: NDArray[Any]) -> Any:
    """Return a gradient as its argument came: an array, a number, nested lists, or a tuple."""
    if kind == "array":
        return gradient
    if kind == "number":
        return float(gradient)
    return tuple(gradient.tolist()) if kind == "tuple" else gradient.tolist()


def check_specs(name: str, specs: Sequence[TreeSpec], got: Sequence[TreeSpec]) -> None:
    """Refuse arguments of another structure than a program was exported for."""
    for i, (one, other) in enumerate(zip(specs, got, strict=True)):
        if _without_dtypes(one) != _without_dtypes(other):
            raise TypeError(
                f"{name}: argument {i + 1} has another structure or shape than the program was "
                "exported for; call the compiled function with it, and export again"
            )


def _without_dtypes(spec: TreeSpec) -> tuple[Any, ...]:
    return spec.treedef, tuple([leaf[:2] for leaf in spec.leaves])
