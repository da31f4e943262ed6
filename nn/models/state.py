"""Compare a module's parameters with a state that is to be loaded."""

from collections.abc import Mapping
from numbers import Real

from autograd import Value
from autograd.errors import shown

_SHOWN = 5  # names in a message: enough to see the pattern, few enough to read


def misfits(parameters: Mapping[str, Value], state: Mapping[str, object]) -> list[str]:
    """Say what keeps a state from fitting, in words; empty where it fits.

    Examples
    --------
    >>> misfits({"w": Value(1.0)}, {"b": 1.0})
    ['missing w', 'unexpected b']
    """
    missing = [name for name in parameters if name not in state]
    unexpected = [str(name) for name in state if name not in parameters]
    mismatched = [
        f"{name} is {shown(state[name])}"
        for name in parameters
        if name in state and not _is_number(state[name])
    ]
    return [
        f"{word} {_some(names)}"
        for word, names in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("not a number:", mismatched),
        )
        if names
    ]


def _is_number(item: object) -> bool:
    """Tell numbers that fit a float from everything else."""
    try:
        return isinstance(item, Real) and isinstance(float(item), float)
    except OverflowError:
        return False


def _some(names: list[str]) -> str:
    """Join the first few names."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
