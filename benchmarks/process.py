"""A peer's process as seen from outside: ask, and wait no longer than a limit."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from benchmarks.peers import Entry

HERE = Path(__file__).parent
# Import this package from its folder, and nothing else from there: beside it lies this library,
# whose import name another peer has.
BOOT = """
import importlib.util, sys
folder, root = sys.argv[2:4]
spec = importlib.util.spec_from_file_location(
    "benchmarks", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["benchmarks"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
if root:
    sys.path.append(root)
from benchmarks.worker import main
main()
"""


class PeerError(Exception):
    """Raised where a peer cannot do what it was asked; the text goes into the table."""


class Process:
    """One peer in one process, started when it is first asked and again after it was stopped.

    The process finds this library where the caller would, and in this checkout last.
    """

    def __init__(self, entry: Entry, python: str = sys.executable) -> None:
        self.entry = entry
        self.command = [python, "-I" if entry.apart else "-P", "-c", BOOT, entry.name, str(HERE)]
        self.command.append("" if entry.apart else str(HERE.parent))
        self.child: subprocess.Popen[str] | None = None
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.version = ""
        self.missing = ""

    def start(self) -> bool:
        """Start the process; return whether its library is installed."""
        self.stop()
        self.child = subprocess.Popen(  # noqa: S603 - the interpreter and arguments are ours
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, **self.entry.environment},
        )
        self.answers = queue.SimpleQueue()
        threading.Thread(target=_pump, args=(self.child.stdout, self.answers), daemon=True).start()
        hello = self._answer(120.0)
        self.version, self.missing = hello.get("version", ""), hello.get("missing", "")
        if self.missing:
            self.stop()
        return not self.missing

    def ask(self, do: str, limit: float, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a request.

        Raises
        ------
        PeerError
            If the peer fails, stops, or takes longer than `limit` seconds; it is stopped then.
        """
        if self.child is None:
            self.start()
        assert self.child is not None, "start() says whether the peer is there"
        assert self.child.stdin is not None, "opened as a pipe"
        with contextlib.suppress(BrokenPipeError):  # it has died: the answer says of what
            print(json.dumps({"do": do, **arguments}), file=self.child.stdin, flush=True)
        return self._answer(limit)

    def stop(self) -> None:
        """End the process, if it runs."""
        if self.child is None:
            return
        assert self.child.stdin is not None, "opened as a pipe"
        self.child.kill()
        self.child.wait()
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()
        self.child = None

    def _answer(self, limit: float) -> dict[str, Any]:
        assert self.child is not None, "asked before"
        try:
            line = self.answers.get(timeout=limit)
        except queue.Empty:
            self.stop()
            raise PeerError(f"> {limit:g} s") from None
        if not line:
            code = self.child.wait()
            self.stop()
            raise PeerError(f"crashed (signal {-code})" if code < 0 else f"stopped ({code})")
        answer: dict[str, Any] = json.loads(line)
        if "problem" in answer:
            raise PeerError(answer["problem"])
        return answer


def _pump(stream: TextIO, answers: "queue.SimpleQueue[str]") -> None:
    """Pass lines on, and an empty one at the end."""
    with stream:
        for line in stream:
            answers.put(line)
    answers.put("")
