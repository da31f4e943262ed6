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

TABLE_DIGEST: int
