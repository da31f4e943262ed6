"""Send the gradient of a view home to its array: the steps of the view, backwards."""

from dataclasses import dataclass

import numpy as np

from autograd.compiler.layout.view_ops import WRITERS, Step, write_reshape, write_transpose
from autograd.compiler.layout.views import Array, View


@dataclass(frozen=True)
class ViewCotangent:
    """A part of an array's gradient: all of it, some places (``at``), or a scatter by index."""

    kind: str  # whole, part, scatter
    text: str
    at: str = ""


def share_of(view: View, text: str) -> ViewCotangent:
    """Send a gradient of the view home: write what it adds to the array's gradient."""
    sample = view.array.sample
    steps = list(view.steps)
    while steps:
        step = steps.pop()
        if step.kind in {"index", "gather"}:
            return _placed(view, steps, step, text)
        if step.kind == "reshape":
            back = Step("reshape", step.before, step.after, step.before)
            text = write_reshape(f"({text})", back, sample)
        elif step.kind == "transpose":
            turn = tuple(int(i) for i in np.argsort(step.what))
            text = write_transpose(f"({text})", Step("transpose", turn, (), ()), sample)
        else:
            text = f"where({step.what[0]}{'[..., None]' if sample else ''}, {text}, 0)"
    return ViewCotangent("whole", text)


def _placed(view: View, steps: list[Step], step: Step, text: str) -> ViewCotangent:
    """Write the gradient of a cut or gathered view: an addition in place, or a sum by index."""
    sample = view.array.sample
    if step.kind == "gather":
        name, places, _ = step.what
        if len(np.unique(places)) == places.size:
            return ViewCotangent("part", text, _prefixed(view, steps, step))
        count = step.before[0]
        summed = f"add_at({name}, {text}, {count})"
        back = View(Array("", view.array.ids, sample), steps)
        return share_of(back, summed)
    return ViewCotangent("part", text, _prefixed(view, steps, step))


def _prefixed(view: View, steps: list[Step], step: Step) -> str:
    """Write the place in the gradient array as a target of ``+=``."""
    text = "{}"
    for each in (*steps, step):
        text = WRITERS[each.kind](text, each, view.array.sample)
    return text
