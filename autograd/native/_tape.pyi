from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tape_plain import Derivatives, Flows, Rule

NAMES: tuple[str, ...]

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

class Small:
    variant: Any
    def __init__(
        self,
        replay: Replay,
        variant: Any,
        numbers: NDArray[np.float64],
        places: NDArray[np.int32],
        wanted: NDArray[np.int32],
    ) -> None: ...

class Front:
    small: Small | None
    last: Any
    def __call__(self, *args: Any) -> tuple[float, Any]: ...
    def general(self, args: tuple[Any, ...]) -> tuple[float, Any]: ...
