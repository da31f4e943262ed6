"""The progress bar of a training: epochs, the loss, and samples a second."""

from collections.abc import Mapping
from time import perf_counter
from types import TracebackType
from typing import Any

from tqdm import tqdm

REFRESH = 0.5  # seconds between two looks within an epoch


class Bar:
    """Show how far a training is; nothing where it is not wanted.

    Examples
    --------
    >>> with Bar(epochs=2, done=0, wanted=False) as bar:
    ...     bar.step(samples=4, steps=1, loss=0.5)
    ...     bar.epoch({"loss": 0.5})
    """

    def __init__(self, epochs: int, done: int, *, wanted: bool) -> None:
        self.bar: Any = tqdm(total=epochs, initial=done, unit="epoch", disable=not wanted)
        self.wanted = wanted
        self.samples = 0
        self.started = self.stepped = self.looked = perf_counter()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.bar.close()

    def step(self, samples: int, steps: int, loss: float) -> None:
        """Count samples; show the step where the last look is some time ago."""
        if not self.wanted:
            return
        self.samples += samples
        self.stepped = perf_counter()
        if self.stepped - self.looked > REFRESH:
            self._show({"step": str(steps), "loss": f"{loss:.4g}"})
            self.bar.refresh()
            self.looked = self.stepped

    def epoch(self, row: Mapping[str, float]) -> None:
        """Show the numbers of an epoch that has ended."""
        if not self.wanted:
            return
        self._show({name: f"{number:.4g}" for name, number in row.items() if name != "seconds"})
        self.bar.update()
        self.samples, self.started = 0, perf_counter()

    def _show(self, numbers: dict[str, str]) -> None:
        """Add the samples a second of this epoch's steps, without what comes after them."""
        rate = self.samples / max(self.stepped - self.started, 1e-9)
        self.bar.set_postfix({**numbers, "samples/s": f"{rate:,.0f}"}, refresh=False)
