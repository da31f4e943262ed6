"""When a training writes checkpoints, and how it takes one up."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from autograd.errors import shown
from nn.basics.names import count
from nn.checkpoints import checkpoint
from nn.checkpoints.identity import differences
from nn.checkpoints.resuming import capture, restore
from nn.checkpoints.running import Run

EVERY = timedelta(seconds=10)


@dataclass
class Saver:
    """Write a run to a file now and then; `settings` say which training it is."""

    path: str | os.PathLike[str]
    every: int | timedelta
    resume: bool
    settings: dict[str, Any]
    writes: bool = True  # one process does, of several that train together
    _last: float = field(default_factory=perf_counter)

    def begin(self, run: Run) -> None:
        """Take up the run where the file has it, or write its beginning."""
        if not self.resume:
            self.save(run)  # also to learn at once whether that is possible
            return
        try:
            kept = checkpoint.read(self.path)
        except OSError as error:
            reason = f"cannot resume: {error.strerror or error}"
            raise type(error)(error.errno, reason, os.fspath(self.path)) from error
        here = json.loads(json.dumps(self.settings))
        different = differences(kept.settings, here)
        if different:
            checkpoint.refuse(self.path, f"it is of another training: {'; '.join(different)}")
        try:
            restore(run, kept)
        except checkpoint.MALFORMED as error:
            checkpoint.refuse(self.path, f"it has no valid contents: {error}", error)
        self._last = perf_counter()

    def after_step(self, run: Run) -> None:
        """Write the run where it is time."""
        if isinstance(self.every, int):
            due = run.steps % self.every == 0
        else:
            due = perf_counter() - self._last >= self.every.total_seconds()
        if due:
            self.save(run)

    def save(self, run: Run) -> None:
        """Write the run."""
        if self.writes:
            checkpoint.write(self.path, capture(run, self.settings))
        self._last = perf_counter()


def make(
    path: str | os.PathLike[str] | None,
    every: int | timedelta | None,
    resume: bool | str,
    describe: Callable[[], dict[str, Any]],
    *,
    writes: bool = True,
) -> Saver | None:
    """Check what was asked for; None where no checkpoints are. `describe` returns the settings.

    Examples
    --------
    >>> make("run.ckpt", 100, "auto", dict).resume
    False
    >>> make(None, 100, False, dict)
    Traceback (most recent call last):
    ValueError: checkpoint_every and resume need the file's name: give checkpoint="run.ckpt"
    """
    if not isinstance(resume, bool) and not (isinstance(resume, str) and resume == "auto"):
        raise ValueError(f"resume can be True, False or 'auto', got {shown(resume)}")
    if path is None:
        if every is not None or resume:
            raise ValueError(
                'checkpoint_every and resume need the file\'s name: give checkpoint="run.ckpt"',
            )
        return None
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint must be the name of a file, got {shown(path)}")
    resumes = Path(path).exists() if resume == "auto" else bool(resume)
    return Saver(path, _interval(every), resumes, describe(), writes)


def _interval(every: int | timedelta | None) -> int | timedelta:
    """Check the interval between checkpoints."""
    if every is None:
        return EVERY
    if isinstance(every, timedelta):
        if every < timedelta(0):
            raise ValueError(f"checkpoint_every must not be negative, got {every}")
        return every
    if isinstance(every, float):
        raise TypeError(
            f"checkpoint_every is a number of steps or a datetime.timedelta, got {shown(every)}",
        )
    return count("checkpoint_every", every)
