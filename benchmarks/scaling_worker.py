"""One process of the benchmark of scaling: `nn.fit` and JAX by hand, steps in turn."""

import json
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import nn
from benchmarks.scaling import Job
from benchmarks.turns import BETA1, BETA2, EPS, RATE, Turns


def loss(layers: Any, x: Any, y: Any) -> Any:
    """Return the mean cross-entropy of a network with relu, one sample a row."""
    *hidden, (W, b) = layers
    for weights, bias in hidden:
        x = jnp.maximum(x @ weights + bias, 0)
    scores = jax.nn.log_softmax(x @ W + b)
    return -jnp.take_along_axis(scores, y[:, None], axis=1).mean()


def adam(layers: Any, means: Any, squares: Any, step: Any, x: Any, y: Any) -> Any:
    """Return what a step of Adam makes of the layers and its memory, and the loss before."""
    value, slopes = jax.value_and_grad(loss)(layers, x, y)
    means = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, means, slopes)
    squares = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, squares, slopes)
    one, two = 1 - BETA1**step, 1 - BETA2**step
    layers = jax.tree.map(
        lambda p, m, v: p - RATE * (m / one) / (jnp.sqrt(v / two) + EPS), layers, means, squares
    )
    return layers, means, squares, value


class ByHand(Turns):
    """The training as one writes it in JAX, on one device."""

    def __init__(self, job: Job, X: Any, Y: Any) -> None:
        super().__init__(len(X), job.batch)
        self.X, self.Y = np.asarray(X, np.float32), Y
        self.layers = [
            (jnp.asarray(self.random.normal(size=(a, b)) / np.sqrt(a), jnp.float32), jnp.zeros(b))
            for a, b in zip(job.widths, job.widths[1:], strict=False)
        ]
        self.means = jax.tree.map(jnp.zeros_like, self.layers)
        self.squares = jax.tree.map(jnp.zeros_like, self.layers)
        self.jitted = jax.jit(adam, donate_argnums=(0, 1, 2))

    def step(self, step: int, chosen: Any) -> float:
        """Change the parameters once."""
        x, y = self.X[chosen], self.Y[chosen]
        self.layers, self.means, self.squares, value = self.jitted(
            self.layers, self.means, self.squares, step, x, y
        )
        return float(value)


def run(job: Job) -> dict[str, float]:
    """Return the samples a second of both, of their median steps."""
    random = np.random.default_rng(0)
    X = random.random((job.samples, job.widths[0]))
    Y = random.integers(0, job.widths[-1], job.samples)
    hand = ByHand(job, X, Y)
    network = nn.MLP(job.widths[0], job.widths[1:], activation="relu", output="softmax", rng=0)
    nn.fit(
        network, X, Y, loss="cross_entropy", lr=RATE, epochs=job.epochs, batch_size=job.batch,
        rng=0, engine=nn.Jax(dtype="float32"), schedule=hand, progress=False,
    )  # fmt: skip
    ours, own = hand.medians()
    return {"ours": job.batch / ours, "hand": job.batch / own}


def main(argv: list[str]) -> None:
    """Join the other processes, where there are some; print what was found."""
    text, port, process = argv
    settings = json.loads(text)
    job = Job(**{**settings, "widths": tuple(settings["widths"])})
    if job.processes > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(
            f"127.0.0.1:{port}", num_processes=job.processes, process_id=int(process)
        )
    print(json.dumps(run(job)))


if __name__ == "__main__":
    main(sys.argv[1:])
