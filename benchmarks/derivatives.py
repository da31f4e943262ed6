"""Time derivatives of every kind: `python -m benchmarks --derivatives --help`.

The loss of a network of 20 parameters (2-3-2-1, tanh) over some samples: its gradient, its Hessian,
and the Hessian times a vector. Ours are the transforms as they come ("eager") and compiled, on the
engine that is chosen and on either where one insists; beside them `torch.func` as it comes and
`jax.jit`, in double precision on vectorised code, until the numbers are ready as a NumPy array.
Then those of small functions, beside some written by hand (`benchmarks.small`). All are in one
process and take turns; each result is first compared with the eager one to 1e-9.
"""

import argparse
import importlib
import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import autograd
from benchmarks import small
from benchmarks.machine import machine
from benchmarks.table import digits, duration

WIDTHS = (2, 3, 2, 1)
PARAMETERS = sum(nout * (nin + 1) for nin, nout in pairwise(WIDTHS))
KINDS = ("gradient", "Hessian", "Hessian times vector")
TURN = 0.05  # seconds
Numbers = NDArray[np.float64]
Way = Callable[[Numbers, Numbers], Any]  # of the parameters and a vector


def layers(p: Any) -> Iterator[tuple[Any, Any]]:
    """Cut a row of parameters into weights and biases."""
    start = 0
    for nin, nout in pairwise(WIDTHS):
        end = start + nin * nout
        yield p[start:end].reshape(nout, nin), p[end : end + nout]
        start = end + nout


def data(samples: int) -> tuple[Numbers, Numbers]:
    """Return inputs, a row each, and targets."""
    rng = np.random.default_rng(samples)
    x = rng.uniform(-1, 1, (samples, 2))
    return x, np.sin(3 * x[:, 0]) * x[:, 1]


def ours(samples: int) -> Callable[[Any], Any]:
    """Return the loss of scalars."""
    xs, ys = (array.tolist() for array in data(samples))

    def loss(p: Any) -> Any:
        errors = []
        for x, y in zip(xs, ys, strict=True):
            a = x
            for W, b in layers(p):
                a = [autograd.tanh(autograd.dot(w, a, c)) for w, c in zip(W, b, strict=True)]
            errors.append(autograd.square(a[0] - y))
        return autograd.mean(errors)

    return loss


def vectorised(samples: int, array: Callable[[Any], Any], tanh: Any) -> Callable[[Any], Any]:
    """Return the loss of another library's arrays."""
    x, y = (array(part) for part in data(samples))

    def loss(p: Any) -> Any:
        a = x.T
        for W, b in layers(p):
            a = tanh(W @ a + b[:, None])
        return ((a[0] - y) ** 2).mean()

    return loss


def our_ways(kind: str, samples: int) -> dict[str, Way]:
    """Return the eager transform, and it compiled."""
    loss = ours(samples)
    derivative: Callable[..., Any] = {
        "gradient": lambda p, v: autograd.grad(loss)(p),  # noqa: ARG005 - all take both
        "Hessian": lambda p, v: autograd.hessian(loss)(p),  # noqa: ARG005
        "Hessian times vector": lambda p, v: autograd.hvp(loss, (p,), (v,))[0],
    }[kind]
    ways: dict[str, Way] = {"eager": derivative}
    for title, engine in (("compiled", "auto"), ("as NumPy", "numpy"), ("as a tape", "tape")):
        ways[title] = autograd.compile(derivative, gradients=False, engine=engine)
    return ways


def torch_way(kind: str, samples: int) -> Way:
    """Return `torch.func`'s."""
    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(1)
    func, tensor = torch.func, torch.from_numpy
    loss = vectorised(samples, tensor, torch.tanh)
    first, second = func.grad(loss), func.hessian(loss)
    made: dict[str, Way] = {
        "gradient": lambda p, v: first(tensor(p)).numpy(),  # noqa: ARG005
        "Hessian": lambda p, v: second(tensor(p)).numpy(),  # noqa: ARG005
        "Hessian times vector": lambda p, v: func.jvp(first, (tensor(p),), (tensor(v),))[1].numpy(),
    }
    return made[kind]


def jax_way(kind: str, samples: int) -> Way:
    """Return JAX's, compiled."""
    jax: Any = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    loss = vectorised(samples, jax.numpy.asarray, jax.numpy.tanh)
    first = jax.grad(loss)
    made: dict[str, Way] = {
        "gradient": jax.jit(lambda p, v: first(p)),  # noqa: ARG005
        "Hessian": jax.jit(lambda p, v: jax.hessian(loss)(p)),  # noqa: ARG005
        "Hessian times vector": jax.jit(lambda p, v: jax.jvp(first, (p,), (v,))[1]),
    }
    run = made[kind]
    return lambda p, v: np.asarray(run(p, v))


PEERS: dict[str, Callable[[str, int], Way]] = {"torch.func": torch_way, "jax.jit": jax_way}


def ways(kind: str, samples: int, peers: Sequence[str]) -> dict[str, Way]:
    """Return all ways that are there, ours first."""
    found = our_ways(kind, samples)
    for name in peers:
        try:
            found[name] = PEERS[name](kind, samples)
        except ImportError:
            continue
    return found


def seconds(way: Way, p: Numbers, v: Numbers) -> float:
    """Return the time of a call, of as many as fill a turn."""
    begin, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - begin < TURN:
        way(p, v)
        count += 1
    return (time.perf_counter() - begin) / count


def measure(found: Mapping[str, Way], rounds: int, place: Any = None) -> dict[str, float]:
    """Compare all ways with the first, and return their median times in turns."""
    rng = np.random.default_rng(0)
    p, v = rng.normal(size=PARAMETERS), rng.normal(size=PARAMETERS)
    p = p if place is None else place
    want = np.asarray(found["eager"](p, v))
    for name, way in found.items():
        if not np.allclose(np.asarray(way(p, v)), want, rtol=1e-9, atol=1e-12):
            raise RuntimeError(f"{name} does not give the eager numbers")
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, way in found.items():
            times[name].append(seconds(way, p, v))
    return {name: statistics.median(row) for name, row in times.items()}


def main(argv: Sequence[str]) -> int:
    """Time, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --derivatives", description="Time derivatives of every kind."
    )
    parser.add_argument("--samples", nargs="+", type=int, default=[1, 10], metavar="N")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER",
                        help=f"of {', '.join(PEERS)}")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5, help="turns; the median counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args(argv)
    rounds = max(1, asked.rounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the peers', about themselves
        tables = [
            of_networks(asked.samples, asked.peers, rounds),
            of_small(asked.peers, rounds),
            of_calls(rounds),
        ]
    note = f"Medians of {rounds} turns; x: times the compiled one. Machine: {machine()}."
    text = "\n".join([*tables, note, ""])
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0


def of_networks(counts: Sequence[int], peers: Sequence[str], rounds: int) -> str:
    """Return the table of the network's derivatives, for each number of samples."""
    rows = {}
    for kind, samples in tqdm([(kind, n) for n in counts for kind in KINDS], unit="row"):
        label = f"{kind}, {samples} sample{'s' * (samples > 1)}"
        rows[label] = measure(ways(kind, samples, peers), rounds)
    return table(f"{PARAMETERS} parameters", rows)


def of_small(peers: Sequence[str], rounds: int) -> str:
    """Return the table of small functions' derivatives."""
    rows = {}
    cases = [(name, kind) for name in small.OURS for kind in small.KINDS]
    for name, kind in tqdm(cases, unit="row"):
        found = small.ways(name, kind, with_jax="jax.jit" in peers and has("jax"))
        rows[f"{kind}, {name}"] = measure(found, rounds, small.PLACES[name])
    return table("small functions", rows)


def of_calls(rounds: int) -> str:
    """Return the table of calls of small programs, with gradients, beside a bare call."""
    times = small.calls(10 * rounds)
    bare = next(iter(times.values()))
    rows = [f"| {n} | {duration(t)} | {digits(t / bare)}x |" for n, t in times.items()]
    head = ["| call, value and gradients | least time | bare calls |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def has(module: str) -> bool:
    """Whether a module is installed."""
    return importlib.util.find_spec(module) is not None


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Write times, each beside its ratio to the compiled one."""
    heads: tuple[str, ...] = (title, *next(iter(rows.values())))
    lines: list[Sequence[str]] = [heads, ["---", *["--:"] * (len(heads) - 1)]]
    for label, found in rows.items():
        base = found["compiled"]
        lines.append((label, *(f"{duration(s)}, {digits(s / base)}x" for s in found.values())))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
