"""Animations of both passes of a graph: values appear, then gradients, each with a caption.

The graph is laid out once. A frame is that SVG without the numbers that are not known yet, with the
current node and edges highlighted, and with a caption. `FrameRenderer` works on the text of the
SVG, as `viz.rendering.render` wrote it: one element a line.
"""

import html
import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from autograd import Value
from autograd._checks import checked_keywords, one_of, real_number
from viz._arguments import check_result
from viz.animation import Animation
from viz.colours import AUTO, DARK, Palette
from viz.dot import SMALL
from viz.formatting import Formatter
from viz.graph_model import GraphModel
from viz.html.explore import explore
from viz.rendering import convert, render
from viz.rendering.convert import FAMILY
from viz.reports.narration import Edge, NarrationStep
from viz.text_width import COLUMN, columns

SIZE = 12  # points, of the caption
LINE = 17  # points from line to line
PAD = 12  # points around the caption
NARROW = 430  # points: below that, captions would have too many lines
_GROUP = re.compile(
    r'<g id="(?:n(?P<node>\d+)|e(?P<edge>\d+)a?|n\d+_(?P<piece>\d+)p)" class="(?:node|edge).*?'
    r"(?=\n<g id=|\n</g>\n</svg>)",
    re.DOTALL,
)
# A row of a card: its title, in the small size that headers do not have, a cell, a number.
_VALUE, _GRADIENT = (
    re.compile(
        rf'(font-size="{SMALL}.00"[^>]*>{title}</text>\n)(<polygon[^\n]*\n)?(<text[^\n]*</text>)\n'
    )
    for title in ("val", "grad")
)
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"\n viewBox="[^"]*"')
_BACKGROUND = re.compile(r'(<rect class="background") width="[\d.]+" height="[\d.]+"')
_MOVED = re.compile(r"translate\(([-\d.]+) ")
_TEXT = re.compile(r'x="([-\d.]+)"(.*) textLength="([\d.]+)"(.*)>[^<]*</text>')
_FONT = re.compile(r'font-size="([\d.]+)"')
_PAINT = re.compile(r'(fill|stroke)="(#[0-9a-f]{6})"')
_BORDER = re.compile(r'<polygon fill="none" stroke="#[0-9a-f]{6}"(?: stroke-width="[\d.]+")?')
_LINE = re.compile(r'stroke="#[0-9a-f]{6}"(?: stroke-width="[\d.]+")?')
_HEAD = re.compile(r'<polygon fill="#[0-9a-f]{6}"')
_NOW = 4  # points, the width of what is marked


@dataclass(frozen=True, slots=True)
class FrameState:
    """What is known at a step: nodes with values, gradients as text, edges passed; the current."""

    values: Collection[int]
    gradients: Mapping[int, str]
    passed: Collection[Edge]
    now: int | None = None
    edges: Collection[Edge] = ()


@dataclass(frozen=True, slots=True)
class FrameRenderer:
    """Writes frames from a picture; ``edges`` are in the order of their ids."""

    svg: str
    edges: Sequence[Edge]
    computed: frozenset[int]
    palette: Palette
    words: Sequence[str]

    def frame(self, state: FrameState, words: str) -> str:
        """Return the picture at a step, with a caption beneath."""
        body = _GROUP.sub(lambda match: self._group(match, state), self.svg)
        body = self._captioned(body, words)
        if self.palette is DARK:
            dark = dict(zip(AUTO.colours(), DARK.colours(), strict=True))
            body = _PAINT.sub(lambda m: f'{m[1]}="{dark.get(m[2], m[2])}"', body)
        return body

    def _group(self, match: re.Match[str], state: FrameState) -> str:
        if match["node"] is not None:
            return self._node(match[0], int(match["node"]), state)
        edge = self.edges[int(match["edge"] or match["piece"])]
        if edge in state.edges:
            return _edge(match[0], AUTO.ink, _NOW)
        return match[0] if edge in state.passed else _edge(match[0], AUTO.line, 1)

    def _node(self, group: str, node: int, state: FrameState) -> str:
        if node in self.computed and node not in state.values:
            group = _VALUE.sub(r"\1", group, count=1)
        number = state.gradients.get(node)
        if number is None:
            group = _GRADIENT.sub(r"\1", group, count=1)
        else:
            group = _GRADIENT.sub(lambda m: m[1] + (m[2] or "") + _written(m[3], number), group)
        if node != state.now:
            return group
        last = [match.start() for match in _BORDER.finditer(group)][-1]
        marked = f'<polygon fill="none" stroke="{AUTO.ink}" stroke-width="{_NOW}"'
        return group[:last] + _BORDER.sub(marked, group[last:], count=1)

    def _captioned(self, body: str, words: str) -> str:
        size = _SIZE.match(body)
        assert size is not None
        own, high = float(size[1]), float(size[2])
        wide = max(own, NARROW)
        room = wide - 2 * PAD
        height = high + PAD + LINE * max(len(_wrapped(each, room)) for each in self.words)
        head = f'<svg width="{wide:g}pt" height="{height:g}pt"\n viewBox="0 0 {wide:g} {height:g}"'
        body = head + body[size.end() :]
        body = _BACKGROUND.sub(rf'\1 width="{wide:g}" height="{height:g}"', body, count=1)
        shift = (wide - own) / 2
        body = _MOVED.sub(lambda m: f"translate({float(m[1]) + shift:g} ", body, count=1)
        lines = "".join(
            _line(text, high + LINE * (k + 0.5), room, is_title=not k)
            for k, text in enumerate(_wrapped(words, room))
        )
        return body.replace("\n</svg>", f"\n{lines}</svg>")


def frame_states(steps: Sequence[NarrationStep]) -> Iterator[FrameState]:
    """Yield what is known before the first step, at each step, and when all is done.

    >>> step = NarrationStep("value", 2, ((0, 2, 0), (1, 2, 1)), "6", "y = a * b = 6", ())
    >>> [(state.now, set(state.values)) for state in frame_states([step])]
    [(None, set()), (2, {2}), (None, {2})]
    """
    values: set[int] = set()
    gradients: dict[int, str] = {}
    passed: set[Edge] = set()
    yield FrameState((), {}, ())
    for step in steps:
        if step.kind == "value":
            values.add(step.node)
        else:
            gradients[step.node] = step.number
            passed.update(step.edges)
        yield FrameState(set(values), dict(gradients), set(passed), step.node, step.edges)
    yield FrameState(values, gradients, passed)


def _edge(group: str, colour: str, width: int) -> str:
    """Draw an arrow's line and its head in a colour."""
    return "\n".join(_recoloured(line, colour, width) for line in group.split("\n"))


def _recoloured(line: str, colour: str, width: int) -> str:
    if line.startswith("<path"):
        return _LINE.sub(f'stroke="{colour}" stroke-width="{width}"', line, count=1)
    if line.startswith("<polygon"):
        bare = _LINE.sub(f'stroke="{colour}" stroke-width="1"', line, count=1)
        return _HEAD.sub(f'<polygon fill="{colour}"', bare)
    return line


def _written(line: str, number: str) -> str:
    """Replace a number, aligned to the same right edge, and condensed where it is longer."""
    font, text = _FONT.search(line), _TEXT.search(line)
    assert font is not None
    assert text is not None
    room = float(text[3])
    width = min(room, COLUMN * float(font[1]) * columns(number))
    x = float(text[1]) + room - width
    return (
        f'{line[: text.start()]}x="{x:g}"{text[2]} textLength="{width:.2f}"{text[4]}>'
        f"{html.escape(number, quote=False)}</text>\n"
    )


def _wrapped(words: str, room: float) -> list[str]:
    """Wrap a caption into lines: a heading and a text."""
    across = int(room / (COLUMN * SIZE))
    return [line for part in words.split("\n") for line in textwrap.wrap(part, across) or [""]]


def _line(text: str, y: float, room: float, *, is_title: bool) -> str:
    width = min(room, COLUMN * SIZE * columns(text))
    weight = ' font-weight="bold"' if is_title else ""
    return (
        f'<text x="{PAD}" y="{y:g}"{weight} font-size="{SIZE}" fill="{AUTO.ink}"'
        f' textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
        f"{html.escape(text, quote=False)}</text>\n"
    )


MAX_NODES = 80  # nodes: some 150 frames, half a minute of painting
_SCALE, _MAX_PIXELS = 1.5, 1400  # pixels, of the longer side
_PAUSE, _END = 1.5, 3.0  # times as long as a step: between the passes, and at the end


@checked_keywords
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

    Each frame is one step of `viz.explore`: it fills in one number, highlights the node and the
    edges that contribute to it, and tells in the caption how it is computed. The graph and its
    gradients are not changed, and `backward` need not have been called.

    Parameters
    ----------
    J
        The result.
    names, model, direction, digits, format
        As for `viz.draw`.
    theme
        ``"light"`` or ``"dark"``.
    seconds
        The duration of a step; that of the last frame is three times as long.
    scale
        The size of the frames; 1 is that of `viz.draw` on a screen of 96 dots per inch. None means
        1.5, or less if a frame would exceed 1,400 pixels in width or height.
    loop
        Whether the animation repeats.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, the result is a constant, or the graph has more than 80 nodes.

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
    check_result(J, "animate")
    count = len(GraphModel.build([J], names, model).nodes)
    if count > MAX_NODES:
        raise ValueError(
            f"animate draws each node at each step, at most {MAX_NODES}; this graph has "
            f"{count:,}: take one sample of a smaller model, or "
            "step through up to 500 nodes with viz.explore"
        )
    real_number("seconds", seconds, 0, open_low=True)
    if scale is not None:
        real_number("scale", scale, 0, open_low=True, otherwise="None")
    one_of("theme", theme, ("light", "dark"))
    page = explore(J, names, model=model, direction=direction, digits=digits, format=format)
    steps = page.steps
    picture = page._drawing  # noqa: SLF001 - the same picture, with ids
    svg = render.svg(picture.dot, family=FAMILY)
    words = tuple(_words(steps))
    computed = frozenset(step.node for step in steps if step.kind == "value")
    film = FrameRenderer(svg, picture.edges, computed, DARK if theme == "dark" else AUTO, words)
    frames = [film.frame(*each) for each in zip(frame_states(steps), words, strict=True)]
    return Animation(
        f"both passes of {page.name or 'J'}",
        words,
        tuple([seconds * each for each in _times(steps)]),
        bool(loop),
        partial(_painted, frames, scale or _fitting(frames[0])),
    )


def _fitting(svg: str) -> float:
    """Return a scale at which a frame is neither small nor too large for a page."""
    pixels = max(convert.size(svg)) * convert.PIXELS_PER_INCH / 72
    return min(_SCALE, _MAX_PIXELS / pixels)


def _painted(frames: Sequence[str], scale: float) -> list[bytes]:
    return [convert.png(frame, scale) for frame in frames]


def _words(steps: Sequence[NarrationStep]) -> list[str]:
    """Return the captions: a heading, a line break, the step's words."""
    passes = [f"{_pass(step)}, step {k} of {len(steps)}" for k, step in enumerate(steps, 1)]
    captions = [f"{which}\n{step.words}" for which, step in zip(passes, steps, strict=True)]
    start = "Before the first step\nOnly the leaves have values."
    end = "Both passes are done\nEach leaf has the derivative of the result with respect to it."
    return [start, *captions, end]


def _pass(step: NarrationStep) -> str:
    return "Forward" if step.kind == "value" else "Backward"


def _times(steps: Sequence[NarrationStep]) -> list[float]:
    """Return how long each frame is seen, in steps; the turn from pass to pass takes longer."""
    return [1.0, *[_PAUSE if step.kind == "seed" else 1.0 for step in steps], _END]
