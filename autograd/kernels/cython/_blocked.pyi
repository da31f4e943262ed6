from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

TABLE_DIGEST: int
OPERATIONS: tuple[str, ...]
KINDS: tuple[str, ...]
LEVELS: tuple[str, ...]
BEST: int
Row: TypeAlias = NDArray[np.float64]

def apply(
    name: str, z: Row, x: Row, y: Row | None = None, w: Row | None = None, level: int = ...
) -> None: ...

class Plan:
    level: int
    helped: int
    def __init__(
        self,
        settle: Callable[[int], tuple[NDArray[np.int64], ...]],
        numbers: Row,
        rows: int,
        inputs: list[tuple[int, tuple[int, ...], bool]],
        results: list[tuple[int, tuple[int, ...], bool]],
        sums: list[tuple[int, int]],
        level: int = ...,
        least_work: float = ...,
        halves: bool = ...,
    ) -> None: ...
    def work(self, count: int) -> float: ...
    def run(
        self,
        numbers: list[Any],
        finite: bool = True,
        into: list[NDArray[np.float64] | None] | None = None,
    ) -> list[Any] | None: ...
