"""The command line, which differentiates a formula: ``python -m autograd "3*(a+b*c)" a=2 b=3 c=4``.

Not part of the library: it imports ``viz`` for its tables and pictures.
"""

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

import viz
from autograd import Value
from autograd.formulas import names, read
from viz.formatting import formatter

PAGES = (".html", ".htm")
_USAGE_ERROR = 2  # the exit status of a wrong command line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, print the results, and return the exit status."""
    parser = _parser()
    arguments = sys.argv[1:] if arguments is None else arguments
    # A formula may begin with a minus sign; a space before it keeps argparse from seeing an option.
    options = parser.parse_args([a if _is_option(a, parser) else f" {a}" for a in arguments])
    try:
        parts = _compute(options)
    except (TypeError, ValueError, OSError, viz.RenderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _USAGE_ERROR
    print("\n\n".join(parts))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="Compute a formula and its derivatives, and list the backward pass.",
        epilog='Example: python -m autograd "u = b*c; 3*(a + u)" a=2 b=3 c=4 --save j.svg',
    )
    parser.add_argument(
        "formula",
        metavar="FORMULA",
        help="numbers, names, + - * / // %% **, functions such as exp(x); name = ...; names a part",
    )
    parser.add_argument("numbers", nargs="*", metavar="NAME=NUMBER", help="what names stand for")
    parser.add_argument(
        "--explain", action="append", default=[], metavar="NAME",
        help="write out the chain rule that gives a variable's derivative",
    )  # fmt: skip
    parser.add_argument("--tree", action="store_true", help="draw the graph as text")
    parser.add_argument(
        "--save", action="append", default=[], metavar="FILE",
        help="save a picture (.svg, .png, .pdf, .dot) or the page that steps through it (.html)",
    )  # fmt: skip
    parser.add_argument(
        "--digits", type=int, default=4, metavar="N", help="significant digits, 4 by default"
    )
    return parser


def _is_option(argument: str, parser: argparse.ArgumentParser) -> bool:
    """Return whether an argument is an option such as ``--save=j.svg``, not a formula ``-a*b``."""
    known = {"--"}.union(*(action.option_strings for action in parser._actions))  # noqa: SLF001 - argparse has no public list of them
    return argument[:1] != "-" or argument.partition("=")[0] in known


def _compute(options: argparse.Namespace) -> list[str]:
    """Evaluate, differentiate and save; return the parts of the output."""
    formula, digits = options.formula.strip(), options.digits
    leaves = dict(_variable(text.strip()) for text in options.numbers)
    for name in leaves:
        if name not in names(formula):
            raise ValueError(f"{name} is not in the formula: leave {name}=... out")
    for name in options.explain:
        if name not in leaves:
            raise ValueError(f"--explain {name}: the formula has no variable of this name")
    J = read(formula, leaves)
    if not isinstance(J, Value):
        if options.save:
            raise ValueError("the formula has no variables: there is no graph to save")
        return [f"{J:.{digits}g}"]
    if J.label is None:
        J.label = "J" if "J" not in leaves else "result"
    J.backward()
    parts = [str(viz.ledger(J, digits=digits))]
    parts += [str(viz.explain(J, leaves[name], digits=digits)) for name in options.explain]
    parts += [str(viz.text(J, digits=digits))] if options.tree else []
    if options.save:
        parts.append("\n".join(f"saved {_save(J, file, digits)}" for file in options.save))
    return [_summary(J, leaves, digits), *parts]


def _variable(text: str) -> tuple[str, Value]:
    """Parse a variable, ``a=2``."""
    name, sign, number = (part.strip() for part in text.partition("="))
    if not sign or not name.isidentifier():
        raise ValueError(f"a variable is given as in a=2, not {text!r}")
    try:
        return name, Value(float(number), name)
    except ValueError:
        raise ValueError(f"{name} must be a number as in {name}=2.5, not {number!r}") from None


def _summary(J: Value, leaves: dict[str, Value], digits: int) -> str:
    """Format the value and the derivatives, one a line."""
    write = formatter(digits, None)
    lines = [f"{J.label} = {write(J.data)}"]
    return "\n".join([*lines, *(f"d{J.label}/d{n} = {write(v.grad)}" for n, v in leaves.items())])


def _save(J: Value, file: str, digits: int) -> Path:
    """Save a page or a picture, depending on the suffix of the file."""
    thing = viz.explore if Path(file).suffix.lower() in PAGES else viz.draw
    return thing(J, digits=digits).save(file)


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack the true minus sign
    sys.exit(main())
