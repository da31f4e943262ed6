"""Kill a process that saves a model over and over, at random moments: what is left is whole.

``python -m tests.fuzz.kills 1000`` kills so often, and on until one came within a save; prints how
many were survived, and fails at the first file that is neither the old model nor the new one.
"""

import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import nn
from nn import serialization

LONGEST = 0.02  # seconds from the start of saving to the kill: some ten saves


def save_for_ever(path, models, ready):
    """Save one model after the other, until killed."""
    models[0].save(path)
    os.write(ready, b".")
    while True:
        for model in models:
            model.save(path)


def kill_once(path, models, delay):
    """Start a process that saves, and kill it after a while."""
    heard, ready = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            save_for_ever(path, models, ready)
        os._exit(1)
    os.close(ready)
    os.read(heard, 1)  # the first save is done
    os.close(heard)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "the process ended by itself"


def main(least, seed=0):
    """Kill so many times, and on until a kill left a draft, hence came within a save.

    Return how many kills there were, and how many of them came within a save.
    """
    models = [nn.MLP(4, [16, 16, 1], rng=seed) for seed in (1, 2)]
    states = [model.state_dict() for model in models]
    draw = random.Random(seed)
    count = within = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        while count < least or not within:
            count += 1
            kill_once(path, models, draw.uniform(0, LONGEST))
            assert serialization.read(path)[1] in states, "neither the old model nor the new one"
            drafts = [other for other in Path(folder).iterdir() if other != path]
            assert len(drafts) <= 1
            within += len(drafts)
            for draft in drafts:
                draft.unlink()
    return count, within


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    sys.stdout.write("{} kills survived, {} of them within a save\n".format(*main(asked)))
