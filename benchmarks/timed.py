"""How long a run takes: what the processes of peers and of ways to run lifted programs share."""

import math
import time
from collections.abc import Callable
from typing import Any


class Timed:
    """A run that was loaded, and how long it takes."""

    def __init__(self) -> None:
        self.run: Callable[[], Any] | None = None

    def repeats(self, target: float) -> dict[str, Any]:
        """Find how often to run to last about `target` seconds, which also warms up."""
        repeats = 1
        while (seconds := self.time(repeats)["seconds"] * repeats) < target / 10:
            repeats *= 8
        return {"repeats": max(1, math.ceil(repeats * target / seconds))}

    def time(self, repeats: int) -> dict[str, Any]:
        """Run some times; return the seconds a run."""
        run = self.loaded()
        start = time.perf_counter()
        for _ in range(repeats):
            run()
        return {"seconds": (time.perf_counter() - start) / repeats}

    def loaded(self) -> Callable[[], Any]:
        """Return the run."""
        assert self.run is not None, "load a workload first"
        return self.run
