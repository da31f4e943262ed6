"""Animate both passes of a graph: values appear, then gradients, each step with its words."""

from collections.abc import Mapping, Sequence
from functools import partial

from autograd import Value
from viz.basics.arguments import checked_positive, checked_result, chosen
from viz.basics.colours import AUTO, DARK
from viz.basics.numbers import Formatter
from viz.graphs.survey import survey
from viz.motion.animation import Animation
from viz.motion.stills import Film, states
from viz.pages.explore import explore
from viz.rendering import convert, fonts, render
from viz.words.stepping import Step

MOST = 80  # nodes: some 150 frames, half a minute of painting
_SCALE, _LONGEST = 1.5, 1400  # pixels, of the longer side
_PAUSE, _END = 1.5, 3.0  # times as long as a step: between the passes, and at the end


def animate(
    J: Value,
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    direction: str = "LR",
    digits: int = 4,
    format: str | Formatter | None = None,
    theme: str = "light",
    seconds: float = 1.5,
    scale: float | None = None,
    loop: bool = True,
) -> Animation:
    """Animate the forward and the backward pass of a result, for slides and pages without scripts.

    Each frame is one step of `viz.explore`: it fills in one number, marks the node and the edges
    that it came along, and says beneath how it was computed. The graph and its gradients are
    not changed, and `backward` need not have been called.

    Parameters
    ----------
    J
        The result.
    names, model, direction, digits, format
        As for `viz.draw`.
    theme
        ``"light"`` or ``"dark"``.
    seconds
        How long a step is seen; the end stays three times as long.
    scale
        Size of the frames; 1 is that of `viz.draw` on a screen of 96 dots an inch. None: 1.5, or
        less, so that a frame is at most 1,400 pixels wide and high.
    loop
        Whether it begins again at its end.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those, the result a constant, or the graph larger than 80
        nodes.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> film = animate(3 * (a + b * c))
    >>> film
    <Animation of both passes of J: 11 frames, 20.2 s; .save('animation.gif')>
    >>> print(film.words[1])
    Forward, step 1 of 9
    v₁ = b * c = −3 * 10 = −30
    """
    checked_result(J, "animate")
    count = len(survey([J], names, model).nodes)
    if count > MOST:
        raise ValueError(
            f"animate draws each node at each step, at most {MOST}; this graph has {count:,}: take "
            "one sample of a smaller model, or step through up to 500 nodes with viz.explore"
        )
    checked_positive("seconds", seconds)
    if scale is not None:
        checked_positive("scale", scale)
    chosen("theme", theme, ("light", "dark"))
    page = explore(J, names, model=model, direction=direction, digits=digits, format=format)
    steps = page.steps
    picture = page._drawing  # noqa: SLF001 - the same picture, with ids
    svg = render.svg(picture.dot, family=fonts.FAMILY)
    words = tuple(_words(steps))
    computed = frozenset(step.node for step in steps if step.kind == "value")
    film = Film(svg, picture.edges, computed, DARK if theme == "dark" else AUTO, words)
    stills = [film.still(*each) for each in zip(states(steps), words, strict=True)]
    return Animation(
        f"both passes of {page.name or 'J'}",
        words,
        tuple([seconds * each for each in _times(steps)]),
        bool(loop),
        partial(_painted, stills, scale or _fitting(stills[0])),
    )


def _fitting(svg: str) -> float:
    """Return a scale at which a frame is neither small nor too large for a page."""
    pixels = max(convert.size(svg)) * convert.PIXELS_PER_INCH / 72
    return min(_SCALE, _LONGEST / pixels)


def _painted(stills: Sequence[str], scale: float) -> list[bytes]:
    return [convert.png(still, scale) for still in stills]


def _words(steps: Sequence[Step]) -> list[str]:
    """Return the captions: a heading, a line break, the step's words."""
    passes = [f"{_pass(step)}, step {k} of {len(steps)}" for k, step in enumerate(steps, 1)]
    told = [f"{which}\n{step.words}" for which, step in zip(passes, steps, strict=True)]
    start = "Before the first step\nOnly the leaves have values."
    end = "Both passes are done\nEach leaf has the derivative of the result with respect to it."
    return [start, *told, end]


def _pass(step: Step) -> str:
    return "Forward" if step.kind == "value" else "Backward"


def _times(steps: Sequence[Step]) -> list[float]:
    """Return how long each frame is seen, in steps; the turn from pass to pass takes longer."""
    return [1.0, *[_PAUSE if step.kind == "seed" else 1.0 for step in steps], _END]
