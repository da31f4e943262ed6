"""Choose which frames of a picture are open, and in which box each node stands then."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograd import Value
from autograd.errors import shown
from viz.basics.labels import shorten
from viz.graphs.names import Path, split
from viz.graphs.survey import Survey

_DOTTED = re.compile(r"\w+(\.\w+)*")
_LISTED = 6  # titles in an error's text


@dataclass(frozen=True, slots=True)
class Opening:
    """Hold the open frames.

    What stands in an ``asked`` one is shown part by part; the others are open because something
    within is, and what stands beside that is one box.
    """

    open: frozenset[Path] = frozenset()
    asked: frozenset[Path] = frozenset()

    def box(self, path: Path) -> Path:
        """Return the outermost closed frame around what stands at a path; empty if all are open.

        >>> Opening(open=frozenset([("layer 0",)])).box(("layer 0", "neuron 3"))
        ('layer 0', 'neuron 3')
        """
        for end in range(1, len(path) + 1):
            if path[:end] not in self.open:
                return path[:end]
        return ()

    def is_aside(self, box: Path) -> bool:
        """Tell whether a box stands beside what is open, in a frame that nobody asked for."""
        return len(box) > 1 and box[:-1] not in self.asked


def frames_of(graph: Survey) -> set[Path]:
    """Return all frames of a graph, the outer ones too."""
    return {path[:end] for path in set(graph.frames) for end in range(1, len(path) + 1)}


def layer(path: Path) -> Path:
    """Return the outer frame that counts as a layer: down to the first title with a number.

    >>> layer(("net", "layer 0", "neuron 3"))
    ('net', 'layer 0')
    """
    for end, title in enumerate(path, 1):
        if title[-1].isdecimal():
            return path[:end]
    return path


def opening(graph: Survey, how: str, depth: int | None, named: Iterable[Path]) -> Opening:
    """Open the frames that a way of folding leaves open, and those named.

    ``depth`` counts the levels that are open; without it ``neurons`` closes the innermost frames,
    ``layers`` the layers, and ``none`` no frame.
    """
    known = frames_of(graph)
    if depth is not None:
        asked = {path for path in known if len(path) <= depth}
    elif how == "layers":
        asked = {path for path in known if len(path) < len(layer(path))}
        asked |= {layer(path)[:end] for path in known for end in range(1, len(layer(path)))}
    else:
        asked = {path[:-1] for path in known if len(path) > 1} if how == "neurons" else known
    wanted = set(named)
    around = {path[:end] for path in wanted for end in range(1, len(path))}
    return Opening(frozenset(asked | wanted | around), frozenset(asked | wanted))


def named_frames(graph: Survey, wish: object) -> list[Path]:
    """Return the frames that the argument ``open`` names.

    A name is a dotted one (``layers.0``, ``layers.0.neurons.3``, or its end, ``neurons.3``), or the
    titles in the picture (``layer 0``, ``layer 0/neuron 3``); a `Value` names the frame it is in.

    Raises
    ------
    TypeError, ValueError
        If a name is no text or Value, or names no frame of the graph.
    """
    wishes = (wish,) if isinstance(wish, (str, Value)) else wish
    if not isinstance(wishes, Iterable):
        raise TypeError(f"open must be names of frames such as 'layers.0', not {shown(wish)}")
    known = sorted(frames_of(graph))
    return [path for one in wishes for path in _named(graph, known, one)]


def _named(graph: Survey, known: list[Path], wish: object) -> list[Path]:
    if isinstance(wish, Value):
        path = next((f for n, f in zip(graph.nodes, graph.frames, strict=True) if n is wish), None)
        if path is None:
            raise ValueError(f"open: {wish!r} is not in the graph")
        return [path] if path else []
    if not isinstance(wish, str):
        raise TypeError(f"open must be names of frames such as 'layers.0', not {shown(wish)}")
    titles = split(f"{wish}.x")[0] if _DOTTED.fullmatch(wish) else ()
    ends = {titles, tuple(part.strip() for part in wish.split("/"))} - {()}
    found = [path for path in known if any(path[-len(end) :] == end for end in ends)]
    if not found:
        raise ValueError(f"open: there is no frame {shorten(wish)!r}; {_listed(known)}")
    return found


def _listed(known: list[Path]) -> str:
    """List frames by their titles, the outer ones first."""
    if not known:
        return "this graph has none: frames come from parameters' names such as 'layers.0.w'"
    titles = ["/".join(path) for path in sorted(known, key=len)]
    more = f" and {len(titles) - _LISTED:,} more" if len(titles) > _LISTED else ""
    return f"there are {', '.join(map(repr, titles[:_LISTED]))}{more}"
