"""Time training under JAX on several devices: `python -m benchmarks --scaling --help`.

Steps of `nn.fit(..., engine=nn.Jax(...))` take turns with steps of the same training written by
hand in JAX, in the same process. Devices are simulated ones on this machine's processor: what they
cost can be seen so, not what they save. Processes talk over the loopback.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from autograd.errors import MissingExtraError, require
from benchmarks.machine import machine
from benchmarks.training import table

HEADS = (
    "network", "parameters", "batch", "devices", "processes", "samples/s", "by hand in JAX",
    "time of ours",
)  # fmt: skip
DEVICES, PROCESSES = (1, 2, 4, 8), (1, 2)


@dataclass(frozen=True)
class Job:
    """A training to be timed: its network, its batches, and where it runs."""

    widths: tuple[int, ...]
    samples: int
    batch: int
    epochs: int
    devices: int = 1
    processes: int = 1

    @property
    def name(self) -> str:
        """Write the network's sizes."""
        return "-".join(map(str, self.widths))

    @property
    def parameters(self) -> int:
        """Count the parameters."""
        return sum((a + 1) * b for a, b in zip(self.widths, self.widths[1:], strict=False))


def jobs(
    width: int, devices: Sequence[int], processes: Sequence[int], epochs: int
) -> Iterator[Job]:
    """Yield all trainings: a network for digits on every number of devices, a wide one on some."""
    digits, wide = (64, 32, 10), (784, width, width, 10)
    for count in devices:
        yield Job(digits, 1792, 128, epochs, devices=count)
    for count in processes:
        if count > 1:
            yield Job(digits, 1792, 128, epochs, processes=count)
    for count, batch in dict.fromkeys(
        [(min(devices), 64), (min(devices), 512), (max(devices), 512)]
    ):
        yield Job(wide, 1024, batch, epochs * batch // 128, devices=count)


def measure(job: Job) -> dict[str, float]:
    """Time a job in processes of its own; return the first one's samples a second."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = f"--xla_force_host_platform_device_count={job.devices}"
    around = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "benchmarks.scaling_worker", json.dumps(asdict(job))]
    started = [
        subprocess.Popen([*command, str(port), str(i)], stdout=subprocess.PIPE, text=True, env=around)  # noqa: S603, E501 - ours
        for i in range(job.processes)
    ]  # fmt: skip
    try:
        texts = [process.communicate()[0] for process in started]
    finally:
        for process in started:
            process.kill()
    if any(process.returncode for process in started):
        raise RuntimeError(f"a process that trains {job.name} has failed; see above")
    found: dict[str, float] = json.loads(texts[0].splitlines()[-1])
    return found


def row(job: Job, found: dict[str, float]) -> tuple[str, ...]:
    """Return a line of the table."""
    ours, hand = found["ours"], found["hand"]
    return (
        job.name, f"{job.parameters:,}", str(job.batch), str(job.devices), str(job.processes),
        f"{ours:,.0f}", f"{hand:,.0f}", f"{hand / ours:.2f} x",
    )  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Time, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --scaling", description="Time training under JAX on many devices."
    )
    parser.add_argument("--width", type=int, default=256, help="of the wide network's layers")
    parser.add_argument("--devices", nargs="+", type=int, default=DEVICES, metavar="N")
    parser.add_argument("--processes", nargs="+", type=int, default=PROCESSES, metavar="N")
    parser.add_argument("--epochs", type=int, default=12, help="of the small network")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args(argv)
    try:
        version = require("jax", extra="jax").__version__
    except MissingExtraError as error:
        print(error, file=sys.stderr)
        return 1
    chosen = list(jobs(asked.width, asked.devices, asked.processes, max(2, asked.epochs)))
    rows = [row(job, measure(job)) for job in tqdm(chosen, unit="training")]
    notes = (
        f"Adam, float32, JAX {version}, median steps. By hand: the same on one device of the same "
        "process, steps in turn; the last column is the time of a step of nn.fit over that by "
        f"hand. Simulated devices and processes share this machine: {machine()}."
    )
    text = "\n".join([*table(HEADS, rows), "", notes, ""])
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
