"""Run the demos: ``python -m demos``, or ``python -m demos NAME ...``, with ``--out DIR``."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from demos import (
    computational_graph,
    deep_networks,
    digits,
    logistic_regression,
    mlp_backpropagation,
    scalar_to_numpy,
    softmax_classification,
    tiny_transformer,
    weight_initialisation,
)

ALL = (
    computational_graph,
    logistic_regression,
    mlp_backpropagation,
    weight_initialisation,
    deep_networks,
    softmax_classification,
    scalar_to_numpy,
    digits,
    tiny_transformer,
)
DEMOS = {demo.__name__.rpartition(".")[2]: demo for demo in ALL}


def idea(demo: ModuleType) -> str:
    """Return what a demo shows: the first line of its text."""
    return (demo.__doc__ or "").partition("\n")[0]


def run(names: Sequence[str], out: Path) -> list[Path]:
    """Run demos one after the other, and return the pictures that they wrote."""
    pictures = []
    for position, name in enumerate(names, start=1):
        print(f"== {position} of {len(names)}: {name}\n{idea(DEMOS[name])}\n")
        start = time.perf_counter()
        written = DEMOS[name].main(out)
        print(f"\n{counted(written)}, {time.perf_counter() - start:.1f} s\n", flush=True)
        pictures += written
    return pictures


def counted(pictures: Sequence[Path]) -> str:
    """Return how many pictures there are, in words."""
    return f"{len(pictures)} picture{'' if len(pictures) == 1 else 's'}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run what it names, and end with the list of pictures."""
    width = max(map(len, DEMOS))
    listing = "\n".join(f"  {name:{width}}  {idea(demo)}" for name, demo in DEMOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m demos",
        description="Run the demos, all of them in order or those named.",
        epilog=f"demos:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a demo; all if none is named")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the pictures")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in DEMOS:
            parser.error(f"there is no demo {name!r}; choose from\n{listing}")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"cannot write to {options.out}: {error.strerror or error}")
    start = time.perf_counter()
    pictures = run(options.names or list(DEMOS), options.out)
    print(f"{counted(pictures)} in {time.perf_counter() - start:.1f} s:")
    for path in pictures:
        print(f"  {path}")


if __name__ == "__main__":
    main()
