"""Measure errors: `python -m benchmarks --accuracy --help`."""

import argparse
import math
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

import autograd
from autograd.errors import MissingExtraError
from autograd.ops import TABLE
from benchmarks.accuracy import jax, pytorch
from benchmarks.accuracy.library import Library, ours
from benchmarks.accuracy.measure import Worst, compare, exact
from benchmarks.machine import machine

OURS = Library("scalar-autograd", autograd.__version__, ours)
PEERS = {"torch": pytorch.load, "jax": jax.load}
HEAD = """\
# How exact the primitives are

The worst error of each primitive's value and first derivatives, in units of the last place (ulp) of
the true number, beside the same function of other libraries at the same points. The true numbers
are mpmath's, with as many digits as it takes; derivatives are differences of these. Points: {most}
at most for a primitive, all over the table's domain and at its ends, and from 1e-300 to 1e300 where
the function is defined. 0.5 is a number rounded as well as can be.

A dash: the library lacks the function. *wrong*: nan, or inf, or off by more than all digits
somewhere. Where terms cancel near a root, or in a sum, errors are counted in ulp of the largest
term, for all libraries alike. Errors below the smallest normal float, 2.2e-308, are not counted.

`python -m benchmarks --accuracy --markdown docs/accuracy.md` writes this page; a test measures a
part of the points again and holds this library to its column.

"""


def shown(error: Worst | None) -> str:
    """Write an error with two digits, rounded up.

    >>> shown(Worst(0.5012, "")), shown(Worst(123.4, "")), shown(None), shown(Worst(math.inf, ""))
    ('0.51', '130', '–', '*wrong*')
    """
    if error is None:
        return "–"
    if error.ulp > 2**52:
        return "*wrong*"
    if error.ulp < 1e-6:  # the step of the differences
        return "0"
    size = 10.0 ** (math.floor(math.log10(error.ulp)) - 1)
    rounded = math.ceil(round(error.ulp / size, 6)) * size
    return (
        f"{rounded:.2g}"
        if rounded < 100
        else f"{rounded:.0f}"
        if rounded < 1e5
        else f"{rounded:.1e}"
    )


def lines(
    rows: Sequence[tuple[str, list[tuple[Worst | None, Worst | None]]]],
    libraries: Sequence[Library],
) -> Iterator[str]:
    """Give the lines of the table in Markdown."""
    titles = [f"{library.title}: value | derivative" for library in libraries]
    yield f"| | points | {' | '.join(titles)} |"
    yield f"|---|--:|{'--:|--:|' * len(libraries)}"
    for name, row in rows:
        cells = [shown(error) for pair in row for error in pair]
        yield f"| {name} | {len(exact(name, 1))} | {' | '.join(cells)} |"


def page(
    rows: Sequence[tuple[str, list[tuple[Worst | None, Worst | None]]]],
    libraries: Sequence[Library],
) -> str:
    """Write the whole page."""
    versions = ", ".join(f"{library.title} {library.version}" for library in libraries)
    library = " ".join(platform.libc_ver()).strip() or "the system's C library"
    notes = f"Versions: {versions}; C library: {library}.  \nMachine: {machine()}.\n"
    most = max(len(exact(name, 1)) for name, _ in rows)
    return HEAD.format(most=most) + "\n".join(lines(rows, libraries)) + f"\n\n{notes}"


def main(argv: Sequence[str]) -> int:
    """Measure, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --accuracy", description="Measure the errors of every primitive."
    )
    parser.add_argument("--only", nargs="+", choices=list(TABLE), default=list(TABLE), metavar="OP")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page there, too")
    asked = parser.parse_args(argv)
    libraries = [OURS]
    for peer in asked.peers:
        try:
            libraries.append(PEERS[peer]())
        except MissingExtraError as error:
            print(error, file=sys.stderr)
    rows = []
    for name, row in tqdm(compare(asked.only, libraries), total=len(asked.only), unit="op"):
        rows.append((name, row))
        for library, pair in zip(libraries, row, strict=True):
            for error in pair:
                if error is not None and error.ulp > 4:
                    print(f"{name}, {library.title}: {error.ulp:.3g} ulp {error.place}")
    text = page(rows, libraries)
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
