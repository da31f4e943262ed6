"""Run a program as NumPy, or on the tape, which replays it scalar by scalar."""

from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.layout.views import Array
from autograd.compiler.programs.program import Program
from autograd.compiler.runtime.malloc import keep_freed_memory
from autograd.compiler.tape.choice import Tape

Numbers = list[NDArray[np.float64]]
Found = tuple[float, Sequence[Any], Sequence[Any]]  # value, gradients, what comparisons said
ENGINES = ("auto", "blocked", "numpy", "tape")


class NumpyEngine:
    """Runs the program's text, compiled."""

    name = "numpy"
    is_exact = False  # whether what is not finite is the eager engine's, too

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The text, compiled."""
        keep_freed_memory()
        return self.program.function()  # type: ignore[no-any-return]

    def run(self, numbers: Numbers) -> Found:
        """Return the value, the gradients and the guards' outcomes."""
        with np.errstate(all="ignore"):
            found = self.function(*numbers)
        if self.program.outputs is not None:
            return (0.0, *found) if self.program.guards else (0.0, found, ())
        if not self.program.guards:
            return (*found, ()) if self.program.wanted else (found, (), ())
        if self.program.wanted:
            return found  # type: ignore[no-any-return]
        return found[0], (), found[1]


class TapeEngine:
    """Replays the trace: the eager engine's numbers, bit by bit; samples one after another.

    A run takes a pair of arrays (numbers, gradients) from those that are idle and puts it back:
    threads that run at once have each their own.
    """

    name = "tape"
    is_exact = True

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tape = Tape(program.scalars, program.result)
        self.idle: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        self.places = [_places(array) for array in program.arrays]
        self.wanted = [_places(array) for array in program.wanted]
        self.outputs = [_places(array) for array in program.outputs or ()]
        self.samples = [i for i, array in enumerate(program.arrays) if array.sample]

    def run(self, numbers: Numbers) -> Found:
        """Return the value, the gradients and the guards' outcomes."""
        own, grads = pair = self.arrays()
        if self.samples:
            with np.errstate(all="ignore"):
                forward = self.program.outputs is not None
                found = (
                    self._forward_batch(numbers, own)
                    if forward
                    else self._batch(numbers, own, grads)
                )
        else:
            found = self._once(numbers, own, grads)
        self.idle.append(pair)
        return found

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Take an idle pair of arrays, or make one: the program's numbers, and its gradients."""
        try:
            return self.idle.pop()
        except IndexError:
            return self.program.scalars.numbers.copy(), np.zeros(len(self.program.scalars.numbers))

    def _once(self, numbers: Numbers, own: Any, grads: Any) -> Found:
        for place, array in zip(self.places, numbers, strict=True):
            own[place] = array
        if not self.wanted:
            value = self.tape.run(own)
            return value, [np.array(own[place]) for place in self.outputs], self._guards(own)
        value = self.tape.value_and_grad(own, grads)
        return value, [np.array(grads[place]) for place in self.wanted], self._guards(own)

    def _guards(self, own: Any) -> list[Any]:
        return [test(own[x], own[y]) for test, x, y in self.program.tests]

    def _forward_batch(self, numbers: Numbers, own: Any) -> Found:
        """Return the results of all samples, along the last axis."""
        rows = []
        for n in range(numbers[self.samples[0]].shape[-1]):
            for i, (place, array) in enumerate(zip(self.places, numbers, strict=True)):
                own[place] = array[..., n] if i in self.samples else array
            self.tape.run(own)
            rows.append(([np.array(own[place]) for place in self.outputs], self._guards(own)))
        assert self.program.outputs is not None
        columns = zip(*(results for results, _ in rows), strict=True)
        stacked = [
            np.stack(column, axis=-1) if output.sample else column[0]
            for column, output in zip(columns, self.program.outputs, strict=True)
        ]
        said = zip(*(outcomes for _, outcomes in rows), strict=True)
        return 0.0, stacked, [np.array(column) for column in said]

    def _batch(self, numbers: Numbers, own: Any, grads: Any) -> Found:
        count = numbers[self.samples[0]].shape[-1]
        value, sums = 0.0, [np.zeros(array.shape) for array in self.program.wanted]
        said: list[list[Any]] = []
        for n in range(count):
            for i, (place, array) in enumerate(zip(self.places, numbers, strict=True)):
                own[place] = array[..., n] if i in self.samples else array
            value += self.tape.value_and_grad(own, grads)
            sums = [g + grads[place] for g, place in zip(sums, self.wanted, strict=True)]
            said.append(self._guards(own))
        scale = 1 / count if self.program.reduce == "mean" else 1.0
        outcomes = [np.array(column) for column in zip(*said, strict=True)]
        return value * scale, [g * scale for g in sums], outcomes


def _places(array: Array) -> Any:
    """Return where an array's numbers are on the tape: one place, a slice, or many."""
    ids = array.ids
    if not ids.ndim:
        return int(ids)
    flat = ids.reshape(-1)
    if (
        ids.ndim == 1
        and len(flat)
        and np.array_equal(flat, np.arange(flat[0], flat[0] + len(flat)))
    ):
        return slice(int(flat[0]), int(flat[0]) + len(flat))
    return ids


def is_finite(value: Any, gradients: Sequence[Any]) -> bool:
    """Whether all numbers are finite: a sum of squares tells, unless it overflows."""
    total = float(value) * float(value)
    with np.errstate(all="ignore"):
        for gradient in gradients:
            total += float(np.vdot(gradient, gradient))
    if isfinite(total):
        return True
    return isfinite(value) and all(bool(np.isfinite(gradient).all()) for gradient in gradients)
