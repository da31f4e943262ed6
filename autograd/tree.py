"""Take lists, tuples, dicts and arrays of numbers apart, and put others like them together.

A structure is described by a key, a tuple that can be hashed: ``("n", (), whole)`` is a number,
``("a", shape, whole)`` an array, ``("l", *parts)`` a list, ``("t", *parts)`` a tuple,
``("k", class, *parts)`` a named tuple, ``("d", *(name, part))`` a dict, ``("s", x)`` what belongs
to the structure. Full nested lists of numbers may be one array: ``"la"``, ``"ta"``.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import CONTAINERS, checked_nesting, float_or_none
from autograd.errors import shown
from autograd.value import Value
from autograd.value_array import ValueArray

Key = tuple[Any, ...]
ARRAYS = {"a", "n", "la", "ta"}  # kinds of structure that are one array
NUMBER: Key = ("n", (), False)


def take_apart(thing: Any, place: str, leaves: list[Any], says: str) -> Key:
    """Append the numbers and Values of a structure, in order; return its key.

    Raises TypeError where something else is in it: ``says`` begins the message, ``place`` is where.

    >>> found = []
    >>> take_apart({"w": [1], "b": np.zeros(2)}, "p", found, "f: got")
    ('d', ('w', ('l', ('n', (), False))), ('b', ('a', (2,), False)))
    >>> found
    [1.0, 0.0, 0.0]
    """
    if isinstance(thing, CONTAINERS):
        checked_nesting(thing, place)
    return _take_apart(thing, place, leaves, says)


def _take_apart(thing: Any, place: str, leaves: list[Any], says: str) -> Key:
    if isinstance(thing, dict):
        items = [(k, _take_apart(x, f"{place}[{k!r}]", leaves, says)) for k, x in thing.items()]
        return ("d", *items)
    if isinstance(thing, (list, tuple)):
        parts = [_take_apart(x, f"{place}[{i}]", leaves, says) for i, x in enumerate(thing)]
        named = isinstance(thing, tuple) and hasattr(thing, "_fields")
        head = ("k", type(thing)) if named else ("l" if isinstance(thing, list) else "t",)
        return (*head, *parts)
    if isinstance(thing, np.ndarray) and thing.dtype.kind in "biufO":
        return _array(thing, place, leaves, says)
    if thing is None:
        return ("s", None)
    leaves.append(_number(thing, place, says))
    return NUMBER


def _array(array: NDArray[Any], place: str, leaves: list[Any], says: str) -> Key:
    if array.dtype == object:
        for index in np.ndindex(array.shape):
            where = f"{place}[{', '.join(map(str, index))}]" if index else place
            leaves.append(_number(array[index], where, says))
    else:
        leaves += array.astype(float).ravel().tolist()
    return ("a", array.shape, False)


def _number(thing: Any, place: str, says: str) -> Any:
    number = thing if type(thing) is Value else float_or_none(thing)
    if number is None:
        raise TypeError(
            f"{says} {shown(thing)} at {place}; allowed are real numbers, Values, and lists, "
            "tuples, dicts and arrays of them"
        )
    return number


def rebuild(key: Key, take: Callable[[], Any]) -> Any:
    """Put a structure together again from its arrays, in order.

    >>> key = ("d", ("w", ("a", (2,), False)), ("b", ("n", (), False)))
    >>> rebuild(key, iter([[1, 2], 3]).__next__)
    {'w': [1, 2], 'b': 3}
    """
    kind = key[0]
    if kind in ARRAYS:
        return take()
    if kind == "s":
        return key[1]
    if kind == "d":
        return {name: rebuild(part, take) for name, part in key[1:]}
    if kind == "k":
        return key[1](*[rebuild(part, take) for part in key[2:]])
    made = [rebuild(part, take) for part in key[1:]]
    return made if kind == "l" else tuple(made)


def leaves_of(key: Key) -> list[Key]:
    """Return the keys of a structure's arrays, in order."""
    if key[0] in ARRAYS:
        return [key]
    return [leaf for _, part in parts_of(key) for leaf in leaves_of(part)]


def parts_of(key: Key) -> Sequence[tuple[Any, Key]]:
    """Return the parts of a list, a tuple or a dict, each with its position or name."""
    kind = key[0]
    if kind in ARRAYS or kind == "s":
        return []
    return key[1:] if kind == "d" else list(enumerate(key[2 if kind == "k" else 1 :]))


def collapsed(key: Key) -> Key:
    """Describe full nested lists of numbers as one array each.

    >>> number = ("n", (), False)
    >>> collapsed(("l", ("l", number, number), ("l", number, number)))
    ('la', (2, 2), False)
    """
    if key[0] == "d":
        return ("d", *((name, collapsed(part)) for name, part in key[1:]))
    if key[0] not in {"l", "t", "k"}:
        return key
    head = key[:2] if key[0] == "k" else key[:1]
    parts = [collapsed(part) for part in key[len(head) :]]
    if key[0] == "l" and len(set(parts)) == 1 and parts[0][0] in {"n", "la"}:
        return ("la", (len(parts), *parts[0][1]), False)
    return (*head, *parts)


def numbered(key: Key) -> Key:
    """Describe arrays of one number without axes as that number, as those of samples are alike.

    >>> numbered(("l", ("a", (), False), ("a", (2,), False)))
    ('l', ('n', (), False), ('a', (2,), False))
    """
    if key[0] == "d":
        return ("d", *((name, numbered(part)) for name, part in key[1:]))
    if key[0] in {"l", "t", "k"}:
        head = key[:2] if key[0] == "k" else key[:1]
        return (*head, *map(numbered, key[len(head) :]))
    return ("n", *key[1:]) if key[:2] == ("a", ()) else key


def assemble(key: Key, entries: Sequence[Any]) -> Any:
    """Put a structure together from single numbers or `Value`s, in order.

    >>> assemble(("l", ("n", (), False), ("a", (2,), False)), [1.0, 2.0, 3.0])
    [1.0, array([2., 3.])]
    """
    rest = iter(entries)
    leaves = iter(leaves_of(key))

    def take() -> Any:
        kind, shape = next(leaves)[:2]
        if kind == "n":
            return next(rest)
        return array_of([next(rest) for _ in range(int(np.prod(shape)))], shape)

    return rebuild(key, take)


def array_of(entries: Sequence[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of floats, or a `ValueArray` where there are `Value`s among the entries."""
    objects = any(type(x) is Value for x in entries)
    flat = np.fromiter(entries, dtype=object if objects else float, count=len(entries))
    array = flat.reshape(shape)
    return array.view(ValueArray) if objects else array


def difference(key: Key, other: Key, place: str) -> tuple[str, str, str] | None:
    """Find where two structures differ first: the place, and what is there in each.

    >>> one, two = ("l", ("n", (), False)), ("l", ("a", (2,), False))
    >>> difference(one, two, "x")
    ('x[0]', 'a number', 'an array of shape (2,)')
    """
    inner = [name for name, _ in parts_of(key)]
    if described(key) != described(other) or inner != [name for name, _ in parts_of(other)]:
        return place, described(key), described(other)
    found = (
        difference(part, its, f"{place}[{name!r}]")
        for (name, part), (_, its) in zip(parts_of(key), parts_of(other), strict=True)
    )
    return next(filter(None, found), None)


def described(key: Key) -> str:
    """Say in words what a structure is."""
    kind = key[0]
    if kind == "s":
        return repr(key[1])
    if kind in ARRAYS:
        return f"an array of shape {key[1]}" if kind != "n" else "a number"
    names = [name for name, _ in parts_of(key)]
    if kind == "d":
        return f"a dict of {', '.join(map(repr, names)) or 'nothing'}"
    name = key[1].__name__ if kind == "k" else {"l": "list", "t": "tuple"}[kind]
    return f"a {name} of {len(names)}"


def mapped(function: Callable[[Any], Any], thing: Any) -> Any:
    """Apply a function to everything in a structure; the result has the same structure.

    >>> mapped(lambda x: 10 * x, {"w": [1, (2, 3)], "b": 4})
    {'w': [10, (20, 30)], 'b': 40}
    """
    if isinstance(thing, CONTAINERS):
        checked_nesting(thing, "a structure")
    return _mapped(function, thing, _objects)


def values_of(thing: Any) -> list[Value]:
    """Return the Values in a structure, in order; other things are passed over."""
    found: list[Value] = []
    mapped(lambda x: found.append(x) if type(x) is Value else None, thing)
    return found


def has_values(thing: Any) -> bool:
    """Whether there are Values in a structure: the first one found settles it."""
    stack = [thing]
    while stack:
        item = stack.pop()
        if type(item) is Value:
            return True
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, (list, tuple)):
            stack += item
        elif isinstance(item, np.ndarray) and item.dtype == object:
            stack += item.ravel().tolist()
    return False


def numbers_for_values(thing: Any) -> Any:
    """Return a structure with a float in the place of each Value; other things stay."""
    return _mapped(lambda x: x._data if type(x) is Value else x, thing, _floats)  # not traced


def _mapped(function: Callable[[Any], Any], thing: Any, arrays: Callable[..., Any]) -> Any:
    if isinstance(thing, dict):
        return {name: _mapped(function, part, arrays) for name, part in thing.items()}
    if isinstance(thing, (list, tuple)):
        parts = [_mapped(function, part, arrays) for part in thing]
        if isinstance(thing, list):
            return parts
        return thing._make(parts) if hasattr(thing, "_make") else tuple(parts)
    if isinstance(thing, np.ndarray) and thing.dtype == object:
        return arrays([_mapped(function, x, arrays) for x in thing.ravel().tolist()], thing)
    return function(thing)


def _objects(parts: Sequence[Any], like: NDArray[Any]) -> NDArray[Any]:
    made = np.empty(like.size, dtype=object)
    for i, part in enumerate(parts):  # one by one: a part may be a list
        made[i] = part
    return made.reshape(like.shape).view(type(like))


def _floats(parts: Sequence[Any], like: NDArray[Any]) -> NDArray[Any]:
    return array_of(parts, like.shape) if all(type(x) is float for x in parts) else like
