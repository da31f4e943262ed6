"""Several processes train together, and go on together after one of them was killed."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from nn import checkpoint
from tests.nn.engines.jax_trainings import around, distance, train

pytest.importorskip("jax", reason="the extra jax is not installed")

PROGRAM = """
import json, sys, time
import jax
import nn
from tests.nn.engines.jax_trainings import train

port, process, path, epochs, seed = sys.argv[1:]
jax.config.update("jax_cpu_collectives_implementation", "gloo")
jax.distributed.initialize(
    f"127.0.0.1:{port}", num_processes=2, process_id=int(process), heartbeat_timeout_seconds=10
)

def schedule(step):
    print("step", step, flush=True)
    return 1.0

kept = {"checkpoint": path, "checkpoint_every": 4, "resume": "auto"} if path else {}
try:
    found = train("softmax", "jax", batch_size=9, epochs=int(epochs), rng=int(seed),
                  schedule=schedule, **kept)
except RuntimeError as error:
    found = f"{type(error).__name__}: {error}"
print(json.dumps(found), flush=True)
"""


class Pair:
    """Two processes of a training, over the loopback."""

    def __init__(self, path="", epochs=3, seeds=(3, 3)):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        arguments = [[str(i), str(path), str(epochs), str(seeds[i])] for i in range(2)]
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(port), *own],
                stdout=subprocess.PIPE, text=True, env=around(devices=1),
            )
            for own in arguments
        ]  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for process in self.processes:
            process.kill()
            process.communicate(timeout=60)

    def found(self):
        """Wait for the end; return what each has found."""
        texts = [process.communicate(timeout=300)[0] for process in self.processes]
        return [json.loads(text.splitlines()[-1]) for text in texts]


def test_two_processes_train_as_one_also_after_one_was_killed(tmp_path):
    path = tmp_path / "run.ckpt"
    with Pair(path, epochs=100_000) as pair:
        assert "step 10\n" in pair.processes[1].stdout  # read up to there
        pair.processes[1].send_signal(signal.SIGKILL)
    steps = checkpoint.read(path).progress["steps"]
    assert steps >= 8
    assert steps % 4 == 0
    epochs = steps // 3 + 2
    with Pair(path, epochs) as pair:
        first, second = pair.found()
    assert first == second
    expected = train("softmax", "compiled", batch_size=9, epochs=epochs)
    assert distance(first, expected) < 1e-10


@pytest.mark.parametrize("killed", [0, 1])
def test_when_one_process_is_killed_the_other_ends(killed):
    """With an error of ours; without the first process, JAX may abort the other before that."""
    with Pair(epochs=100_000) as pair:
        survivor = pair.processes[1 - killed]
        assert "step 10\n" in pair.processes[killed].stdout  # read up to there
        pair.processes[killed].kill()
        output = survivor.communicate(timeout=45)[0]  # the heartbeat's 10 seconds, and more
        assert survivor.returncode != 0
    if killed:
        assert json.loads(output.splitlines()[-1]).startswith(
            "CollectiveError: a step that several processes share failed, most likely because"
        )


def test_processes_that_do_not_train_the_same_are_stopped():
    with Pair(seeds=(3, 4)) as pair:
        told = pair.found()
    assert told[0] == told[1]
    assert told[0].startswith("RuntimeError: the processes do not train the same: give all of them")
