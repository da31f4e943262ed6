"""The steps from an array to a view of it, and how each is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One NumPy operation on the way from an array to a view."""

    kind: str  # reshape, index, transpose, gather, mask, concatenate
    what: Any
    before: tuple[int, ...]
    after: tuple[int, ...]


def write_reshape(text: str, step: Step, sample: bool) -> str:
    """Write a reshape; the samples stay the last axis."""
    sizes = [str(n) for n in step.what]
    if not sample and len(sizes) == 1:
        return f"{text}.ravel()"
    return f"{text}.reshape({', '.join([*sizes, '-1'] if sample else sizes) or '()'})"


def write_index(text: str, step: Step, _sample: bool) -> str:
    """Write slices and positions."""
    parts = [part_text(part) for part in step.what]
    while parts and parts[-1] == ":":
        parts.pop()
    return f"{text}[{', '.join(parts)}]"


def part_text(part: Any) -> str:
    """Write one part of an index.

    >>> part_text(3), part_text(slice(None)), part_text(slice(0, 4)), part_text(slice(2, 4))
    ('3', ':', ':4', '2:4')
    """
    if isinstance(part, int):
        return str(part)
    return f"{part.start or ''}:{'' if part.stop is None else part.stop}"


def write_transpose(text: str, step: Step, sample: bool) -> str:
    """Write a transpose; the samples stay the last axis."""
    if step.what == (1, 0) and not sample:
        return f"{text}.T"
    axes = (*step.what, len(step.what)) if sample else step.what
    return f"{text}.transpose({', '.join(map(str, axes))})"


def write_gather(text: str, step: Step, _sample: bool) -> str:
    """Write reading by an index array."""
    return f"{text}[{step.what[0]}]"


def write_mask(text: str, step: Step, sample: bool) -> str:
    """Write a choice between what is there and a number."""
    mask, fill = step.what
    return f"where({mask}{'[..., None]' if sample else ''}, {text}, {fill!r})"


WRITERS: dict[str, Callable[[str, Step, bool], str]] = {
    "reshape": write_reshape,
    "index": write_index,
    "transpose": write_transpose,
    "gather": write_gather,
    "mask": write_mask,
}
