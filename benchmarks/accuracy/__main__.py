"""Measure errors: `python -m benchmarks --accuracy --help`."""

import argparse
import math
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

import autograd
from autograd.errors import MissingExtraError
from autograd.primitives import TABLE
from benchmarks.accuracy import blocked, jax, nist, pytorch
from benchmarks.accuracy.library import Library, ours
from benchmarks.accuracy.measure import Worst, compare, exact
from benchmarks.machine import machine

OURS = Library("scalar-autograd", autograd.__version__, ours)
NAMES = [name for name, entry in TABLE.items() if entry.exact]  # others differ on purpose
REGRESSIONS = "nist"  # what else the page has
PEERS = {"blocked": blocked.load, "torch": pytorch.load, "jax": jax.load}
HEAD = """\
# How exact the primitives are

The worst error of each primitive's value and first derivatives, in units of the last place (ulp) of
the true number, beside the same function of other libraries at the same points. The true numbers
are mpmath's, with as many digits as it takes; derivatives are differences of these. Points: {most}
at most for a primitive, all over the table's domain and at its ends, and from 1e-300 to 1e300 where
the function is defined. 0.5 is a number rounded as well as can be.

*By blocks* are the functions that compiled programs call for rows of samples. A dash: the library
lacks the function. *wrong*: somewhere it is nan, or inf, or 0 where the true number is not, or off
by all of its digits. Where terms cancel near a root, or in a sum, errors are counted in ulp of the
largest term, for all libraries alike. Errors below the smallest normal float, 2.2e-308, are not
counted.

`python -m benchmarks --accuracy --markdown docs/accuracy.md` writes this page; a test measures a
part of the points again and holds this library to its columns.

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
    rows: Sequence[tuple[str, list[tuple[Worst | None, ...]]]],
) -> dict[str, str]:
    """Return the lines of the table by the primitives' names."""
    found = {}
    for name, row in rows:
        cells = [shown(error) for pair in row for error in pair]
        found[name] = f"| {name} | {len(exact(name, 1))} | {' | '.join(cells)} |"
    return found


def page(table: Mapping[str, str], libraries: Sequence[Library]) -> str:
    """Write the whole page."""
    titles = [f"{x.title}: value{' | derivative' * x.has_slopes}" for x in libraries]
    head = [f"| | points | {' | '.join(titles)} |", f"|---|--:|{'--:|' * columns(libraries)}"]
    body = [table[name] for name in NAMES if name in table]
    most = max(int(line.split("|")[2]) for line in body)
    versions = ", ".join(f"{library.title} {library.version}" for library in libraries)
    library = " ".join(platform.libc_ver()).strip() or "the system's C library"
    notes = [f"Versions: {versions}; C library: {library}.  ", f"Machine: {machine()}.", ""]
    return HEAD.format(most=most) + "\n".join([*head, *body, "", *notes])


def before(text: str, libraries: Sequence[Library]) -> dict[str, str]:
    """Return the lines of a page that was written before, by name, for as many libraries."""
    found = re.findall(r"^\| (\w+) \|.*$", text, re.MULTILINE)
    rows = dict(zip(found, re.findall(r"^\| \w+ \|.*$", text, re.MULTILINE), strict=True))
    return {n: row for n, row in rows.items() if row.count("|") == 3 + columns(libraries)}


def columns(libraries: Sequence[Library]) -> int:
    """Count the columns of errors: one or two a library."""
    return sum(1 + library.has_slopes for library in libraries)


def parts(file: Path | None) -> tuple[str, str]:
    """Return both parts of a page that was written before: primitives, regressions."""
    text = file.read_text("utf-8") if file is not None and file.is_file() else ""
    first, heading, second = text.partition(nist.HEADING)
    return first, heading + second


def primitives(names: Sequence[str], peers: Sequence[str], text: str) -> str:
    """Measure primitives; write their part of the page, with other rows as they were."""
    libraries = [OURS]
    for peer in peers:
        try:
            libraries.append(PEERS[peer]())
        except MissingExtraError as error:
            print(error, file=sys.stderr)
    rows = []
    for name, row in tqdm(compare(names, libraries), total=len(names), unit="op"):
        rows.append((name, row))
        for library, pair in zip(libraries, row, strict=True):
            for worst in pair:
                if worst is not None and worst.ulp > 4:
                    print(f"{name}, {library.title}: {worst.ulp:.3g} ulp {worst.place}")
    return page(before(text, libraries) | lines(rows), libraries)


def main(argv: Sequence[str]) -> int:
    """Measure, print and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --accuracy",
        description="Measure the errors of every primitive, and of NIST's regressions.",
    )
    everything = [*NAMES, REGRESSIONS]
    parser.add_argument(
        "--only",
        nargs="+",
        choices=everything,
        default=everything,
        metavar="OP",
        help=f"primitives, and {REGRESSIONS!r} for the regressions",
    )
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="write the page there, too; what --only leaves out stays as it was",
    )
    asked = parser.parse_args(argv)
    first, second = parts(asked.markdown)
    if names := [name for name in asked.only if name in NAMES]:
        first = primitives(names, asked.peers, first)
    if REGRESSIONS in asked.only:
        second = nist.section()
    text = "\n".join(part.strip("\n") + "\n" for part in (first, second) if part)
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
