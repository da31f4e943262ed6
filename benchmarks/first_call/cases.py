"""What is compiled: programs with their numbers, and what the first call should cost at most."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.first_call import arrays, programs
from benchmarks.lifting.cases import layers
from benchmarks.lifting.programs import chain, irregular
from benchmarks.lifting.structure import plain

Write = Callable[[Any], Callable[..., Any]]
TAPE = {"eager": 3.0}  # of a program without a pattern


@dataclass(frozen=True)
class Case:
    """A program for any operations, and its arguments: nested lists of floats, which are leaves.

    Whole numbers are no leaves. Arguments named in `batch`, the last ones, are lists of samples.
    With `hessian`, second derivatives with respect to the one argument are what is computed.
    `goals` are the most times that the first call may take: of an eager run, or of CasADi's build;
    under "seconds", the most seconds. `arrays` makes the program for JAX, of a batch too. Where
    `engines` are named, calls on each are timed, too.
    """

    title: str
    write: Write
    arguments: tuple[Any, ...]
    batch: tuple[str, ...] = ()
    hessian: bool = False
    goals: Mapping[str, float] = field(default_factory=dict)
    engines: tuple[str, ...] = ()
    arrays: Write | None = None

    @property
    def peers(self) -> tuple[str, ...]:
        """The libraries that the case is written for."""
        return ("casadi",) if self.arrays is None else ("casadi", "jax")


def samples(count: int) -> tuple[Any, Any]:
    """Return points of a square, and a target for each."""
    rng = np.random.default_rng(count)
    x = rng.uniform(-1, 1, (count, 2))
    return x.tolist(), np.where(x[:, 0] * x[:, 1] > 0, 1.0, -1.0).tolist()


def _network() -> Case:
    arguments = (plain(layers(2, 16, 16, 1)), *samples(100))
    title = "2-16-16-1 network, batch of 100"
    return Case(
        title,
        programs.network,
        arguments,
        ("x", "y"),
        goals={"seconds": 5e-3},
        arrays=arrays.network,
    )


def _loop() -> Case:
    arguments = (plain(layers(2, 16, 16, 1)), *samples(100))
    title = "the same, a loop over 100 samples"
    return Case(title, programs.looped, arguments, goals={"eager": 10.0}, arrays=arrays.network)


def _transformer(tokens: int) -> Case:
    rng = np.random.default_rng(0)
    width, longest, kinds = 16, 14, 27
    shapes = {
        "token": (kinds, width), "position": (longest, width), "query": (width, width),
        "key": (width, width), "value": (width, width), "out": (width, width),
        "up": (4 * width, width), "down": (width, 4 * width), "head": (kinds, width),
    }  # fmt: skip
    parameters = {name: rng.normal(0, 0.08, shape).tolist() for name, shape in shapes.items()}
    goals = {"eager": 10.0} if tokens == longest else {}
    word = rng.integers(0, kinds, tokens + 1).tolist()
    return Case(
        f"transformer, {tokens} tokens",
        programs.transformer,
        (parameters, word),
        goals=goals,
        arrays=arrays.transformer,
    )


def _euler() -> Case:
    arguments = ([1.5, 0.2], [1.0, 0.0])
    return Case(
        "Euler, 1,000 steps", programs.euler(1000), arguments, goals=TAPE, arrays=arrays.euler(1000)
    )


def _gaussian_process() -> Case:
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 6, 60))
    arguments = ([0.1, -0.5, -1.0], x.tolist(), np.sin(x).tolist())
    title = "Gaussian process, Cholesky 60 x 60 in loops"
    return Case(
        title, programs.gaussian_process, arguments, goals=TAPE, arrays=arrays.gaussian_process
    )


def _recurrent() -> Case:
    rng = np.random.default_rng(0)
    parameters = {
        "state": (0.2 * rng.normal(size=(16, 16))).tolist(),
        **{name: (0.3 * rng.normal(size=16)).tolist() for name in ("input", "bias", "out")},
    }
    sequence = np.sin(0.3 * np.arange(201)).tolist()
    title = "recurrent network, 16 wide, 200 steps"
    return Case(
        title, programs.recurrent, (parameters, sequence), goals=TAPE, arrays=arrays.recurrent
    )


def _hessian() -> Case:
    p = np.random.default_rng(0).normal(size=20).tolist()
    title = "Hessian of a network of 20 parameters"
    return Case(
        title,
        programs.small_network,
        (p,),
        hessian=True,
        goals={"casadi": 1.0},
        arrays=arrays.small_network,
    )


def _irregular() -> Case:
    leaves = np.random.default_rng(0).uniform(-1, 1, 100).tolist()
    return Case(
        "irregular graph, 50 deep",
        lambda ops: irregular(43_500, 50, ops=ops),
        (leaves,),
        goals=TAPE,
    )


def _chain(length: int) -> Case:
    program = chain(length)
    leaves = np.linspace(0.9, 1.1, 8).tolist()
    title = f"random chain of {length:,}"
    return Case(title, lambda _ops: program, (leaves,), goals=TAPE)


def _kalman() -> Case:
    rng = np.random.default_rng(0)
    seen = np.cumsum(rng.normal(size=200)).tolist()
    return Case(
        "Kalman filter, 200 observations",
        programs.kalman,
        ([-1.0, -0.5], seen),
        goals=TAPE,
        arrays=arrays.kalman,
    )


def _epidemic() -> Case:
    how = (200, 0.25, programs.epidemic)
    arguments = ([0.5, 0.1], [0.99, 0.01, 0.0])
    return Case(
        "SIR, 200 steps of Runge-Kutta",
        programs.runge_kutta(*how),
        arguments,
        goals=TAPE,
        arrays=arrays.runge_kutta(*how),
    )


def _lorenz() -> Case:
    how = (200, 0.005, programs.lorenz)
    arguments = ([10.0, 28.0, 8 / 3], [1.0, 1.0, 20.0])
    return Case(
        "Lorenz, 200 steps of Runge-Kutta",
        programs.runge_kutta(*how),
        arguments,
        goals=TAPE,
        arrays=arrays.runge_kutta(*how),
    )


def _batch_of_one() -> Case:
    return Case(
        "Euler, 300 steps, batch of 1",
        programs.euler(300),
        ([1.5, 0.2], [[1.0, 0.0]]),
        ("start",),
        engines=("numpy", "tape"),
        arrays=arrays.one_sample(arrays.euler(300)),
    )


CASES: dict[str, Callable[[], Case]] = {
    "network": _network,
    "loop": _loop,
    "transformer-2": lambda: _transformer(2),
    "transformer-6": lambda: _transformer(6),
    "transformer-14": lambda: _transformer(14),
    "euler": _euler,
    "gaussian-process": _gaussian_process,
    "recurrent": _recurrent,
    "hessian": _hessian,
    "irregular": _irregular,
    "kalman": _kalman,
    "epidemic": _epidemic,
    "lorenz": _lorenz,
    "batch-of-one": _batch_of_one,
    "chain-1000000": lambda: _chain(1_000_000),
}
