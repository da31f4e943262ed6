"""The process of one peer: it reads requests, one a line, and answers each with one line."""

import gc
import importlib
import json
import os
import sys
import time
from typing import Any, TextIO

from benchmarks.peers import PEERS
from benchmarks.peers.base import Peer, UnsupportedError
from benchmarks.timed import Timed
from benchmarks.workloads import find

WAYS = {  # by what their names begin with
    "lifted:": "benchmarks.lifting.ways",
    "first-call:": "benchmarks.first_call.ways",
}


class Worker(Timed):
    """A peer and the run it was told to load."""

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self.peer = peer

    def version(self) -> str:
        """Return the version of the peer's library."""
        return self.peer.version()

    def load(self, workload: str) -> dict[str, Any]:
        """Prepare a workload; return how long that took."""
        self.run = None
        gc.collect()  # a workload does not pay for the garbage of the one before
        start = time.perf_counter()
        self.run = self.peer.run(find(workload))
        return {"seconds": time.perf_counter() - start}

    def gradient(self) -> dict[str, Any]:
        """Run once; return the gradients and how long that took."""
        start = time.perf_counter()
        gradients = self.loaded()()
        return {"seconds": time.perf_counter() - start, "gradient": gradients}

    def count(self, workload: str) -> dict[str, Any]:
        """Return how many nodes the workload's graph has."""
        return {"nodes": self.peer.nodes(find(workload))}


def trouble(error: BaseException) -> str:
    """Say in a few words what went wrong.

    >>> trouble(RecursionError("maximum depth")), trouble(UnsupportedError("no erf"))
    ('recursion error', 'no erf')
    >>> trouble(ValueError("a long story, told in one line, told in one line"))
    'ValueError: a long story, told in one li'
    """
    if isinstance(error, RecursionError):
        return "recursion error"
    if isinstance(error, UnsupportedError):
        return str(error)
    return f"{type(error).__name__}: {error}".splitlines()[0][:40]


def make(name: str) -> Peer:
    """Return a peer; ImportError where its library is not installed."""
    module, _, kind = PEERS[name].maker.partition(".")
    peer: Peer = getattr(importlib.import_module(f"benchmarks.peers.{module}"), kind)()
    return peer


def make_worker(name: str) -> Any:
    """Return the worker of a peer, or of a way to run cases ("lifted:jax", "first-call:jax")."""
    for prefix, module in WAYS.items():
        if name.startswith(prefix):
            return importlib.import_module(module).worker(name)
    return Worker(make(name))


def serve(name: str, requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""

    def answer(**fields: Any) -> None:
        print(json.dumps(fields), file=answers, flush=True)

    try:
        worker = make_worker(name)
    except ImportError as error:
        return answer(missing=str(error))
    answer(version=worker.version())
    for line in requests:
        request = json.loads(line)
        method = getattr(worker, request.pop("do"))
        try:
            reply = method(**request)
        except Exception as error:  # noqa: BLE001 - whatever fails in a peer goes into the table
            reply = {"problem": trouble(error)}
        answer(**reply)
    return None


def main() -> None:
    """Serve on the standard streams; what a library prints goes to the standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        serve(sys.argv[1], sys.stdin, answers)
