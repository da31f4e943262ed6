from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tape.plain import Derivatives, Flows, Rule

NAMES: tuple[str, ...]

def is_program(
    codes: NDArray[np.int16],
    starts: NDArray[np.int32],
    inputs: NDArray[np.int32],
    least: NDArray[np.int32],
    most: NDArray[np.int32],
) -> bool: ...

class Replay:
    def __init__(
        self,
        codes: NDArray[np.int16],
        starts: NDArray[np.int32],
        inputs: NDArray[np.int32],
        live: NDArray[np.uint8],
        output: int,
        foreign: dict[int, tuple[Rule, Derivatives, Flows | None]],
    ) -> None: ...
    def run(self, numbers: NDArray[np.float64]) -> float: ...
    def backward(self, numbers: NDArray[np.float64], grads: NDArray[np.float64]) -> None: ...
    def value_and_grad(self, numbers: NDArray[np.float64], grads: NDArray[np.float64]) -> float: ...

PARTS: tuple[str, ...]
ARRAYS: bool
SIGNS: tuple[str, ...]

class Structure:
    leaves: int
    def __init__(
        self, parts: NDArray[np.int32], places: NDArray[np.int32], things: tuple[Any, ...]
    ) -> None: ...

class NativeCall:
    def __init__(
        self,
        replay: Replay,
        numbers: NDArray[np.float64],
        takes: Structure,
        gives: Structure,
        guards: NDArray[np.int32],
        watched: NDArray[np.int32] | None,
        read: Callable[[], object] | None,
        row: NDArray[np.float64],
        parameters: NDArray[np.int32],
    ) -> None: ...
    branches: Any
    failed: int
    def __call__(self, args: tuple[Any, ...]) -> Any: ...

def set_missing(thing: object) -> None: ...

class Environment:
    def __init__(
        self,
        cells: tuple[Any, ...],
        contents: tuple[Any, ...],
        scopes: tuple[dict[str, Any], ...],
        names: tuple[str, ...],
        values: tuple[Any, ...],
        functions: tuple[FunctionType, ...],
        fields: tuple[Any, ...],
    ) -> None: ...
    def same(self) -> bool: ...

class Dispatcher:
    quick: list[tuple[Any, Any]]
    values: list[tuple[Any, Any]]
    adjoints: list[tuple[Any, Any]]
    last: Any
    missed: Any
    environment: Environment | None
    calls_until_check: int
    by_name: bool
    def quickly(self, pairs: list[tuple[Any, Any]], args: tuple[Any, ...]) -> Any: ...
    def __call__(self, *args: Any, **named: Any) -> Any: ...
    def bound(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]: ...
    def general(self, args: tuple[Any, ...]) -> Any: ...

TABLE_DIGEST: int
