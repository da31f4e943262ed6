"""Eight devices train as one does; simulated ones, in a process of their own."""

import json
import subprocess
import sys

import pytest

from tests.nn.engines.jax_trainings import around

pytest.importorskip("jax", reason="the extra jax is not installed")

PROGRAM = """
import json
import jax
import nn
from tests.nn.engines.jax_trainings import distance, train

def apart(kind, **settings):
    eight = train(kind, nn.Jax(devices=8), **settings)
    return distance(eight, train(kind, "compiled", **settings))

print(json.dumps({
    "devices": len(jax.devices()),
    "16 and a rest of 5": apart("softmax"),
    "16, then a rest alone": apart("sigmoid", batch_size=16, clip=0.1),
    "three devices": distance(
        train("linear", nn.Jax(devices=3)), train("linear", nn.Jax(devices=1))
    ),
    "clipped by a function": apart("linear", clip=lambda parameters: None, epochs=2),
    "again": train("linear", "jax", epochs=2) == train("linear", nn.Jax(devices=8), epochs=2),
}))
"""


def test_eight_devices_give_the_losses_and_parameters_of_one():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        check=True, capture_output=True, text=True, env=around(8), timeout=300,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found.pop("devices") == 8
    assert found.pop("again") is True
    assert all(0 <= distance < 1e-10 for distance in found.values()), found
