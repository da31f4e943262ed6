"""Every function that may ask a Value for its number: its derivative is right, or it raises.

A use is a function of three numbers. It is run on floats, whose central differences are the truth,
and on Values in each of the ways in which derivatives are taken. A gradient that is missing or
wrong, without an exception, is a leak.
"""

import contextlib
import io
import math
import numbers
import signal
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

import autograd
from autograd import Value

STARTS = ((0.37, 0.61, 0.83), (1.37, 2.61, 3.83), (3.2, 4.7, 6.1))
STEP = 2e-4
SECONDS = 5  # for one use in one way
RIGHT, REFUSED, LEAKED = "right", "refused", "leaked"
# A line of Python that asks for a number is given it in plain code, outside of derivatives.
ON_PURPOSE = {
    *("builtins.float", "builtins.int", "builtins.bool", "builtins.round", "builtins.complex"),
    *("conversions.float", "conversions.int", "conversions.complex", "conversions.complex two"),
    *(f"np.{n}" for n, t in vars(np).items() if isinstance(t, type) and issubclass(t, np.floating)),
    *("conversions.np.float64", "functools.getattr"),
    *("conversions.copy", "conversions.deepcopy"),  # in plain code a copy is another leaf
}
# Text is for people to read, also while a derivative is taken; a trace has no number to show.
TEXT = {"conversions.percent", "conversions.format", "conversions.f-string"}


class NotNumbersError(TypeError):
    """What came out is not made of numbers."""


def flat(result) -> Iterator:
    """Give the numbers in a result, of whatever structure."""
    if isinstance(result, (Value, bool, np.bool_, numbers.Number)):
        yield result
    elif isinstance(result, np.ndarray):
        if result.dtype.kind not in "biufcO":
            raise NotNumbersError(result.dtype)
        for item in result.ravel().tolist() if result.dtype.kind != "O" else result.ravel():
            yield from flat(item)
    elif isinstance(result, Mapping):
        yield from flat(list(result.values()))
    elif hasattr(result, "to_numpy"):
        yield from flat(result.to_numpy())
    elif isinstance(result, (list, tuple, Iterator, map, zip)):
        for item in result:
            if not isinstance(item, (str, type(None))):
                yield from flat(item)
    else:
        raise NotNumbersError(type(result).__name__)


def summed(result):
    """Make one number of a result, of which each part has a weight of its own."""
    total, count = 0.0, 0
    for count, item in enumerate(flat(result), 1):
        weight = 1.0 + 0.3 * (count % 7)
        if isinstance(item, (complex, np.complexfloating)):
            total = total + weight * (item.real + 0.5 * item.imag)
        else:
            total = total + weight * item
        if count > 2000:
            raise NotNumbersError("too many")
    if not count:
        raise NotNumbersError("nothing")
    return total


@dataclass
class Use:
    """A use of a function, its true gradient, and what came of each way."""

    name: str
    pattern: str
    call: object
    start: tuple = ()
    truth: np.ndarray | None = None
    came: dict = field(default_factory=dict)
    said: dict = field(default_factory=dict)

    @property
    def module(self):
        """Where the function is from: the row of the table."""
        head = self.name.partition(".")[0]
        return self.name.rpartition(".")[0] if self.pattern else head

    @property
    def leaks(self):
        """The ways in which it leaked."""
        return [way for way, came in self.came.items() if came == LEAKED]

    def __call__(self, v):
        return summed(self.call(v))


def number(use, v):
    """Return a use's number, of floats."""
    result = float(use(list(map(float, v))))
    if not math.isfinite(result):
        raise NotNumbersError("not finite")
    return result


def difference(use, start):
    """Return the gradient by differences; raise NotNumbersError where there is none to compare."""
    if number(use, start) != number(use, start):
        raise NotNumbersError("random")
    slopes = []
    for i in range(len(start)):
        steps = []
        for h in (STEP, STEP / 2):
            up, down = ([x + s * h * (i == j) for j, x in enumerate(start)] for s in (1, -1))
            steps.append((number(use, up) - number(use, down)) / (2 * h))
        if abs(steps[0] - steps[1]) > 1e-3 * (1 + abs(steps[1])):
            raise NotNumbersError("not smooth")
        slopes.append((4 * steps[1] - steps[0]) / 3)
    return np.array(slopes)


def in_grad(use, start, truth):
    """Take the derivative with respect to one number."""
    yield autograd.grad(lambda x: use([x, *start[1:]]))(start[0]), truth[0]


def in_array(use, start, truth):
    """Take the gradient with respect to an array."""
    yield autograd.grad(use)(np.array(start)), truth


def in_compile(use, start, _):
    """Call a compiled function twice: what was frozen in the first call is wrong in the second."""
    step = autograd.compile(use)
    for v in (start, [x + 0.011 for x in start]):
        value, slopes = step(np.array(v))
        truth = difference(use, v)
        yield [value, *np.asarray(slopes)], [number(use, v), *truth]


def in_eager(use, start, truth):
    """Build the graph in plain code, and walk it backwards."""
    v = [Value(x) for x in start]
    result = use(v)
    if isinstance(result, Value) and not result.is_constant:
        result.backward()
    yield [x.grad for x in v], truth


WAYS = {"grad": in_grad, "array": in_array, "compile": in_compile, "eager": in_eager}


@contextlib.contextmanager
def limited():
    """End what takes too long; say nothing meanwhile."""

    def late(*_):
        raise TimeoutError("took too long")

    main = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGALRM, late) if main else None
    if main:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with np.errstate(all="ignore"):
                yield
    finally:
        if main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def prepared(use, starts=STARTS):
    """Find numbers for which a use works on floats; return whether there are any."""
    for start in starts:
        try:
            with limited():
                use.truth, use.start = difference(use, start), start
        except Exception:  # noqa: BLE001 - whatever the float version says, there is none
            continue
        return True
    return False


def judged(use, ways=WAYS):
    """Run a use in each way; say what came of it."""
    for way in ways:
        try:
            with limited():
                for result, truth in WAYS[way](use, use.start, use.truth):
                    got, want = np.asarray(result, float), np.asarray(truth, float)
                    if got.shape != want.shape or not np.allclose(got, want, 1e-3, 1e-4):
                        shown = np.array2string(got, precision=6)
                        use.said[way] = f"{shown}, not {np.array2string(want, precision=6)}"
                        break
                else:
                    use.came[way] = RIGHT
                    continue
                use.came[way] = LEAKED
                on_purpose = way == "eager" and use.name in ON_PURPOSE
                if on_purpose or (way != "compile" and use.name in TEXT):
                    use.came[way] = RIGHT
        except Exception as error:  # noqa: BLE001 - any is better than a wrong number
            use.came[way] = REFUSED
            use.said[way] = f"{type(error).__name__}: {error}"
    return use


def search(names=None, ways=WAYS, say=None):
    """Judge every use in the catalogue, or those whose names begin as asked for."""
    from tests.fuzz import catalogue

    tried, without = [], []
    for name, uses in catalogue.everything().items():
        if names and not name.startswith(tuple(names)):
            continue
        if say is not None:
            say(name)
        found = list(chosen(uses))
        without += [] if found else [name]
        tried += [judged(use, ways) for use in found]
    return tried, without


def chosen(uses, most=4):
    """Take the first uses that work on floats; those with a derivative, if there are any."""
    found, flat_ones = [], []
    for use in uses:
        if prepared(use):
            (found if np.abs(use.truth).max() > 1e-9 else flat_ones).append(use)
        if len(found) == most:
            break
    return found or flat_ones[:1]


def table(tried, without):
    """Write what came of all uses: a table by module, then every leak."""
    rows = {}
    for use in tried:
        module = use.module
        for way, came in use.came.items():
            rows.setdefault(module, Counter())[way, came] += 1
    lines = [f"{'module':32} " + " ".join(f"{way:>20}" for way in WAYS)]
    lines.append(f"{'':32} " + " ".join(f"{'right refused leaked':>20}" for _ in WAYS))
    for module, count in rows.items():
        cells = (
            f"{count[way, RIGHT]:6}{count[way, REFUSED]:8}{count[way, LEAKED]:6}".rjust(20)
            for way in WAYS
        )
        lines.append(f"{module:32} " + " ".join(cells))
    lines.append(f"{len(without)} functions take no numbers in any pattern: {' '.join(without)}")
    leaks = [use for use in tried if use.leaks]
    lines += [
        f"LEAK {use.name}({use.pattern}) at {use.start}, {', '.join(use.leaks)}: "
        f"{use.said[use.leaks[0]]}"
        for use in leaks
    ]
    count = len({use.name for use in tried})
    lines.append(f"{count} functions in {len(tried)} uses, of which {len(leaks)} leak")
    return lines
