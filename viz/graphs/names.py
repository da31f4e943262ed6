"""Find the names of nodes: their own labels, the caller's variables, a model's parameters.

A node's own label comes first, then the model's name of a parameter, then the first variable that
holds the node. A dotted name such as ``layers.0.neurons.3.w.1`` says where a node stands: in the
frame *layer 0*, in the frame *neuron 3*, under the name *w₁*.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.errors import shown
from viz.basics.labels import subscript

Path = tuple[str, ...]
_DEEPEST = 6  # frames in frames
_DOTTED = re.compile(r"[^\W\d]\w*(\.\w+)+")
_INDEXED = re.compile(r"(.+?)((?:\[\d+\])+)")


def split(name: str) -> tuple[Path, str]:
    """Split a parameter's dotted name into the titles of its frames and its own short name.

    Numbers belong to the word before them; a plural word loses its s. Anything that is not a
    dotted name has no frames.

    >>> split("layers.0.neurons.3.w.1")
    (('layer 0', 'neuron 3'), 'w₁')
    >>> split("encoder.b"), split("J = 3(a + bc)")
    ((('encoder',), 'b'), ((), 'J = 3(a + bc)'))
    """
    if not is_dotted(name):
        return (), pretty(name)
    parts: list[list[str]] = []
    for word in name.split("."):
        if word.isdecimal() and parts:
            parts[-1].append(word)
        else:
            parts.append([word])
    *frames, (own, *numbers) = parts
    return tuple(map(_title, frames[:_DEEPEST])), own + _indices(numbers)


def is_dotted(name: str) -> bool:
    """Tell whether a name has the form of a parameter's: words and numbers joined by dots."""
    return _DOTTED.fullmatch(name) is not None


def pretty(name: str) -> str:
    """Write the positions in a name as subscripts.

    >>> pretty("x[0]"), pretty("W[1][12]"), pretty("u")
    ('x₀', 'W₁,₁₂', 'u')
    """
    match = _INDEXED.fullmatch(name)
    if not match:
        return name
    return match[1] + _indices(re.findall(r"\d+", match[2]))


def _indices(numbers: Sequence[str]) -> str:
    short = all(len(number) == 1 for number in numbers)
    return ("" if short else ",").join(map(subscript, numbers))


def _title(part: list[str]) -> str:
    word, *numbers = part
    singular = word[:-1] if numbers and word.endswith("s") and len(word) > 2 else word
    return " ".join([singular, *numbers])


def parameters(model: object) -> dict[Value, str]:
    """Return a model's parameters with their names, in order.

    A model is anything with a method ``named_parameters()`` that yields pairs of name and `Value`,
    or a plain sequence of `Value`s (which have no names then).
    """
    if model is None:
        return {}
    if is_model(model):
        pairs = [(name, value) for name, value in model.named_parameters()]  # type: ignore[attr-defined]
    elif isinstance(model, Iterable) and not isinstance(model, (str, bytes, Mapping, Value)):
        pairs = [("", value) for value in model]
    else:
        raise TypeError(
            "model must have a method named_parameters(), as the classes of nn do, "
            f"or be a list of its Values, not {shown(model)}"
        )
    found: dict[Value, str] = {}
    for name, value in pairs:
        if not isinstance(value, Value):
            raise TypeError(f"a parameter of the model must be a Value, not {shown(value)}")
        found.setdefault(value, name)
    return found


def is_model(thing: object) -> bool:
    """Tell whether an object (not a class) has ``named_parameters()``."""
    return not isinstance(thing, type) and callable(getattr(thing, "named_parameters", None))


def variables(names: Mapping[str, object] | None) -> tuple[dict[Value, str], dict[Value, str]]:
    """Name the `Value`s found in a mapping such as ``locals()``; return names and parameters.

    Values in lists, tuples and arrays are named by their position, ``x[0]``; models bring the names
    of their parameters. Names that begin with an underscore, and everything else, are passed over.
    The first name of a node counts.

    >>> a, b = Value(1.0), Value(2.0)
    >>> list(variables({"a": a, "x": [a, b], "_": b, "n": 3})[0].values())
    ['a', 'x[1]']
    """
    found: dict[Value, str] = {}
    owned: dict[Value, str] = {}
    if names is None:
        return found, owned
    if not isinstance(names, Mapping):
        raise TypeError(f"names must map names to Values, as locals() does, not {shown(names)}")
    for name, thing in list(names.items()):
        if not isinstance(name, str):
            raise TypeError(f"names must have texts as its keys, not {shown(name)}")
        if name.startswith("_"):
            continue
        if is_model(thing):
            for value, dotted in parameters(thing).items():
                owned.setdefault(value, dotted)
        else:
            for place, value in _values_in(name, thing):
                found.setdefault(value, place)
    return found, owned


def _values_in(name: str, thing: object) -> Iterator[tuple[str, Value]]:
    """Walk nested lists in order, each list once: a list may hold itself."""
    stack: list[tuple[str, Any]] = [(name, thing)]
    seen: set[int] = set()
    while stack:
        place, item = stack.pop()
        if isinstance(item, Value):
            yield place, item
            continue
        if getattr(getattr(item, "dtype", None), "kind", "") == "O":  # an array of objects
            item = item.tolist()
        if isinstance(item, (list, tuple)) and id(item) not in seen:
            seen.add(id(item))
            stack += [(f"{place}[{i}]", item[i]) for i in reversed(range(len(item)))]
