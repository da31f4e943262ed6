"""Attention: a transformer in plain scalar Python learns to invent names of chemical elements."""

import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import autograd
import nn
from autograd import Value

WIDTH, HEADS, LONGEST, STEPS = 16, 4, 14, 3000
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins and ends a word
WORDS = (Path(__file__).parent / "data" / "elements.txt").read_text(encoding="utf-8").split()
Row = list[Value]


def make_parameters(seed: int) -> dict[str, list[Row]]:
    """Return the matrices, a list of rows each, normally distributed."""
    rng = np.random.default_rng(seed)
    shapes = {
        "token": (len(LETTERS), WIDTH), "position": (LONGEST, WIDTH), "query": (WIDTH, WIDTH),
        "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH), "out": (WIDTH, WIDTH),
        "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH), "head": (len(LETTERS), WIDTH),
    }  # fmt: skip
    return {name: autograd.values(rng.normal(0, 0.08, s), name) for name, s in shapes.items()}


def linear(matrix: list[Row], x: Row) -> Row:
    """Return the product of a matrix and a vector."""
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in matrix]  # type: ignore[misc]


def scaled(x: Row) -> Row:
    """Bring a vector to a mean square of 1 (Zhang and Sennrich, RMS normalisation, 2019)."""
    mean_square = sum(v * v for v in x) / len(x)
    return [v * (mean_square + 1e-5) ** -0.5 for v in x]


def attention(query: Row, keys: list[Row], values: list[Row]) -> Row:
    """Let one position look at those up to itself, by several heads (Vaswani et al., 2017)."""
    size = WIDTH // HEADS
    found: Row = []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        scores = [
            sum(q * k for q, k in zip(query[part], key[part], strict=True)) / size**0.5
            for key in keys
        ]
        weights = autograd.softmax(scores)
        columns = zip(*(value[part] for value in values), strict=True)
        found += [sum(w * v for w, v in zip(weights, column, strict=True)) for column in columns]
    return found


def logits(parameters: dict[str, list[Row]], tokens: Sequence[Any]) -> list[Row]:
    """Return for each position the scores of what comes next."""
    keys: list[Row] = []
    values: list[Row] = []
    scores = []
    for position, token in enumerate(tokens):
        embedded = zip(
            autograd.take(parameters["token"], token), parameters["position"][position], strict=True
        )
        x = scaled([a + b for a, b in embedded])
        y = scaled(x)
        keys.append(linear(parameters["key"], y))
        values.append(linear(parameters["value"], y))
        y = attention(linear(parameters["query"], y), keys, values)
        x = [a + b for a, b in zip(x, linear(parameters["out"], y), strict=True)]
        y = [autograd.relu(v) for v in linear(parameters["up"], scaled(x))]
        x = [a + b for a, b in zip(x, linear(parameters["down"], y), strict=True)]
        scores.append(linear(parameters["head"], x))
    return scores


def loss(parameters: dict[str, list[Row]], tokens: Sequence[Any]) -> Value:
    """Return the mean surprise at each next letter, in nats."""
    scores = logits(parameters, tokens[:-1])
    surprises = [
        autograd.cross_entropy(row, following)
        for row, following in zip(scores, tokens[1:], strict=True)
    ]
    mean: Value = autograd.mean(surprises)
    return mean


def encoded(word: str) -> list[int]:
    """Return a word's letters as numbers, between two dots.

    Examples
    --------
    >>> encoded("tin")
    [0, 20, 9, 14, 0]
    """
    return [LETTERS.index(letter) for letter in f".{word}."]


def train(parameters: dict[str, list[Row]], steps: int, *, progress: bool = True) -> list[float]:
    """Train on one word after another, and return the loss of each step."""
    optimiser = nn.Adam([v for m in parameters.values() for row in m for v in row], lr=0.01)
    step = autograd.compile(lambda tokens: loss(parameters, tokens))
    order = np.random.default_rng(0).integers(len(WORDS), size=steps)
    losses = []
    for i in tqdm(range(steps), unit="step", disable=not progress):
        optimiser.lr = 0.01 * (1 - i / steps)
        losses.append(step.backward(encoded(WORDS[order[i]]), fresh=True))
        optimiser.step()
    return losses


def invent(parameters: dict[str, list[Row]], seed: int, temperature: float = 0.6) -> str:
    """Draw a word, letter by letter."""
    rng, tokens = np.random.default_rng(seed), [0]
    while len(tokens) <= LONGEST:
        with autograd.no_grad():
            row = [score / temperature for score in logits(parameters, tokens)[-1]]
            chances = np.array([float(p) for p in autograd.softmax(row)])
        tokens.append(int(rng.choice(len(LETTERS), p=chances / chances.sum())))
        if tokens[-1] == 0:
            break
    return "".join(LETTERS[token] for token in tokens[1:]).rstrip(".")


def main(out: Path, steps: int = STEPS) -> list[Path]:  # noqa: ARG001 - it draws nothing
    """Train on the 118 names, and print what the model invents."""
    parameters = make_parameters(seed=1)
    start = time.perf_counter()
    losses = train(parameters, steps)
    print(f"{steps} steps in {time.perf_counter() - start:.1f} s, each one word of the 118")
    tenth = max(1, steps // 10)
    first, last = np.mean(losses[:tenth]), np.mean(losses[-tenth:])
    print(f"loss: {first:.2f} in the first tenth, {last:.2f} in the last (guessing: 3.30)")
    words = dict.fromkeys(invent(parameters, seed) for seed in range(24))
    new = ", ".join(word for word in words if word not in WORDS)
    print(textwrap.fill(f"invented: {new}", 90))
    return []
