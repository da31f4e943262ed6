"""Make leaves of arguments, for the run that is traced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing import arguments as structure
from autograd.compiler.tracing.arguments import Key
from autograd.compiler.words.naming import unique
from autograd.tree import array_of
from autograd.value import Value


@dataclass(frozen=True)
class Leaves:
    """The leaves of one argument array: nested as the function sees them, and in a row."""

    name: str
    nested: Any
    nodes: list[Value]
    shape: tuple[int, ...]
    sample: bool
    wanted: bool


def count_of(leaves: Sequence[Leaves]) -> int:
    """Count the leaves of all arguments."""
    return sum(len(leaf.nodes) for leaf in leaves)


def make_leaves(
    parts: list[tuple[str, Key, bool, bool]],
    arrays: list[NDArray[Any]],
) -> tuple[list[Any], list[Leaves]]:
    """Return a function's arguments as Values, and their leaves array by array.

    Each part is an argument's name, its structure, whether it is a batch (its first sample is
    traced), and whether its gradient is wanted.
    """
    made: list[Leaves] = []
    taken: set[str] = set()
    args = []
    for name, key, batch, wanted in parts:
        names = iter(_names(name, key))
        kinds = iter(structure.leaves_of(key))

        def take(
            batch: bool = batch, wanted: bool = wanted, names: Any = names, kinds: Any = kinds
        ) -> Any:
            array = arrays[len(made)]
            own = unique(next(names), taken)
            number = np.asarray(array[0] if batch else array, dtype=float)
            nested = _nested(number, own)
            nodes = _row(nested)
            made.append(Leaves(own, nested, nodes, number.shape, batch, wanted))
            kind = next(kinds)[0]
            if kind == "a" and number.shape:
                return array_of(nodes, number.shape)
            return tuple(nested) if kind == "ta" else nested

        args.append(structure.rebuild(key, take))
    return args, made


def placed_label(name: str, place: tuple[int, ...]) -> str:
    """Name an element of an argument.

    >>> placed_label("x", (3, 0)), placed_label("a", ())
    ('x[3][0]', 'a')
    """
    return name + "".join(f"[{i}]" for i in place)


def _nested(numbers: NDArray[np.float64], label: str) -> Any:
    if numbers.ndim:
        return [_nested(row, placed_label(label, (i,))) for i, row in enumerate(numbers)]
    return Value(float(numbers), label)


def _row(nested: Any) -> list[Value]:
    return [v for part in nested for v in _row(part)] if isinstance(nested, list) else [nested]


def _names(name: str, key: Key) -> list[str]:
    """Name an argument's arrays: by its own name, or by the keys and positions inside it.

    >>> _names("p", ("d", ("W", ("a", (2, 2), False)), ("b", ("l", ("n", (), False)))))
    ['W', 'b1']
    """
    kind = key[0]
    if kind in structure.ARRAYS:
        return [name]
    if kind == "s":
        return []
    if kind == "d":
        inner = [(k if str(k).isidentifier() else f"{name}_{i}", part)
                 for i, (k, part) in enumerate(key[1:])]  # fmt: skip
    elif kind == "k":
        inner = list(zip(key[1]._fields, key[2:], strict=True))
    else:
        inner = [(f"{name}{i + 1}", part) for i, part in enumerate(key[1:])]
    return [leaf for own, part in inner for leaf in _names(str(own), part)]
