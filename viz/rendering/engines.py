"""Engines, which lay out DOT text as SVG: a system ``dot``, or the Graphviz in pygraphviz's wheel.

Both run as child processes: a fault, a warning or a message of a C library stays out of the
user's process and terminal. This is the one file of the chain that starts processes.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from autograd._checks import error_text
from viz.rendering._layout_worker import REFUSED

ENVIRONMENT = "AUTOGRAD_DOT"
TIMEOUT, SECONDS = "AUTOGRAD_DOT_TIMEOUT", 60.0  # the variable and its default
ADVICE = (
    "install Graphviz (apt-get install graphviz, brew install graphviz, or graphviz.org/download);"
    " the DOT text can still be saved"
)
# What a ``dot`` that works says of text that it cannot draw; any other failure may be the fault of
# the installation, and the next engine is asked.
_REFUSALS = ("syntax error", "in label of")


class RenderError(RuntimeError):
    """Raised if a picture cannot be rendered; the message has the reason and what to do."""


class EngineUnavailable(Exception):  # noqa: N818 - a state of an engine, which the chain passes over
    """Raised if an engine cannot be used; the message has the reason."""


class LayoutEngine(NamedTuple):
    """A program that reads DOT text and writes SVG."""

    name: str
    command: tuple[str, ...]


def system(program: str = "dot") -> LayoutEngine:
    """Return a ``dot`` executable by name or path.

    Raises
    ------
    EngineUnavailable
        If there is none.
    """
    executable = shutil.which(os.path.expanduser(program))  # noqa: PTH111 - a name has no folder
    if executable is None:
        raise EngineUnavailable(f"no executable {program!r}" + " on PATH" * (os.sep not in program))
    return LayoutEngine(executable, (executable, "-Tsvg"))


def bundled() -> LayoutEngine:
    """Return the Graphviz in pygraphviz's wheel, without importing pygraphviz.

    Raises
    ------
    EngineUnavailable
        If pygraphviz is absent, or was built without libraries of its own.
    """
    spec = importlib.util.find_spec("pygraphviz")
    if spec is None or spec.origin is None:
        raise EngineUnavailable("pygraphviz is not installed")
    package = Path(spec.origin).parent
    # Where the tools that build wheels put a package's libraries: Linux and Windows, then macOS.
    for folder in (package.parent / "pygraphviz.libs", package / ".dylibs"):
        if folder.is_dir():
            worker = str(Path(__file__).with_name("_layout_worker.py"))
            # -I -S: no user site, no environment, no site-packages; 30 ms instead of 60.
            return LayoutEngine("pygraphviz", (sys.executable, "-I", "-S", worker, str(folder)))
    raise EngineUnavailable("pygraphviz was built without a Graphviz of its own (not from a wheel)")


def candidates(choice: str | None = None) -> Iterator[LayoutEngine | EngineUnavailable]:
    """Yield the engines to try, in order, or why one of them cannot be tried.

    Parameters
    ----------
    choice
        ``"system"``, ``"bundled"``, or the name or path of a ``dot`` executable. By default the
        environment variable ``AUTOGRAD_DOT`` decides, and without it a system ``dot`` comes first,
        then the bundled Graphviz.
    """
    choice = choice or os.environ.get(ENVIRONMENT)
    finders = {None: (system, bundled), "": (system, bundled), "system": (system,)}
    for find in {**finders, "bundled": (bundled,)}.get(choice, (lambda: system(choice or ""),)):
        try:
            yield find()
        except EngineUnavailable as reason:
            yield reason


def graphviz_svg(dot_text: str, *, engine: str | None = None, timeout: float | None = None) -> str:
    """Lay out DOT text with the first engine that works; return the unprocessed SVG.

    Raises
    ------
    RenderError
        If no engine works, if the DOT text is invalid, or after ``timeout`` seconds, by default the
        environment variable ``AUTOGRAD_DOT_TIMEOUT``, else 60.
    """
    seconds = _seconds() if timeout is None else timeout
    reasons: list[str] = []
    for candidate in candidates(engine):
        try:
            if isinstance(candidate, EngineUnavailable):
                raise candidate
            return _run(candidate, dot_text, seconds)
        except EngineUnavailable as reason:
            reasons.append(str(reason))
    raise RenderError(f"no Graphviz engine works here ({'; '.join(reasons)}): {ADVICE}")


def _seconds() -> float:
    """Return the time limit of an engine, from the environment."""
    written = os.environ.get(TIMEOUT) or str(SECONDS)
    try:
        seconds = float(written)
    except ValueError:
        seconds = 0.0
    if seconds > 0:
        return seconds
    raise RenderError(error_text(TIMEOUT, written, "a number of seconds above 0"))


def _run(engine: LayoutEngine, dot_text: str, timeout: float) -> str:
    try:
        status, output, errors = _outcome(engine.command, dot_text.encode(), timeout)
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"{engine.name} did not finish in {timeout:g} s and was ended: draw fewer nodes (fold"
            f" the graph), give more time ({TIMEOUT}={4 * timeout:g} in the environment), choose"
            f" another program ({ENVIRONMENT}), or save the DOT text"
        ) from None
    except OSError as error:
        raise EngineUnavailable(f"{engine.name}: {error.strerror or error}") from None
    messages = errors.decode("utf-8", "replace")
    svg = output.decode("utf-8", "replace")
    if status == 0 and "</svg>" in svg:
        return svg
    if status == REFUSED or any(words in messages for words in _REFUSALS):
        raise RenderError(f"Graphviz cannot draw this DOT text: {_gist(messages) or 'no graph'}")
    raise EngineUnavailable(f"{engine.name}: {_gist(messages) or _end(status)}")


def _outcome(command: tuple[str, ...], text: bytes, timeout: float) -> tuple[int, bytes, bytes]:
    """Run a program on a text; if the wait is interrupted, kill it and all that it started."""
    with subprocess.Popen(  # noqa: S603 - the engine that was chosen, without a shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a process group of its own
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as program:
        try:
            output, errors = program.communicate(text, timeout)
        except BaseException:
            _end_group(program)
            raise
    return program.returncode, output, errors


def _end_group(program: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):  # all have ended
            os.killpg(program.pid, signal.SIGKILL)
    program.kill()


def _gist(messages: str) -> str:
    """Return the first error of a program's messages, else their last line, shortened."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("Error: ")]
    gist = (errors or lines[-1:] or [""])[0].removeprefix("Error: ").replace("<stdin>: ", "")
    return gist if len(gist) <= 160 else gist[:159] + "…"


def _end(status: int) -> str:
    """Describe the end of a process that wrote no message."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"stopped by {signal.Signals(-status).name}"
    except ValueError:  # real-time signals have no name
        return f"stopped by signal {-status}"
