"""Walk structures of Values: lists, tuples, dictionaries and arrays of objects, nested."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.numbers import CONTAINERS, checked_nesting


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to everything in a structure; the result has the same structure.

    >>> mapped(lambda x: 10 * x, {"w": [1, (2, 3)], "b": 4})
    {'w': [10, (20, 30)], 'b': 40}
    """
    if isinstance(tree, CONTAINERS):
        checked_nesting(tree, "a structure")
    return _mapped(function, tree)


def _mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _mapped(function, part) for key, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [_mapped(function, part) for part in tree]
        if type(tree) is list:
            return parts
        return tree._make(parts) if hasattr(tree, "_make") else tuple(parts)
    if isinstance(tree, np.ndarray) and tree.dtype == object:
        made = np.empty(tree.shape, dtype=object)
        for place in np.ndindex(*tree.shape):
            made[place] = _mapped(function, tree[place])
        return made
    return function(tree)
