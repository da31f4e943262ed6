"""Random models, losses and batches, written as source that runs on Values and under JAX.

A program is a text: a class `Model` with parameters, a function `loss` and a function `penalty`.
Names such as `np`, `autograd` and `nn` in it are whatever namespace it is run in, so the same text
is run by this library and, with other namespaces, by JAX.
"""

from dataclasses import dataclass

from hypothesis import strategies as st

INPUTS = 3  # numbers of a sample; the last is 0 or 1
HEAD = """\
def leaky(z):
    return z if z > 0 else 0.1 * z


def ramp(z):
    return max(z, 0.0)


"""

numbers = st.floats(-2, 2).map(lambda x: round(x, 3)).filter(lambda x: abs(x) > 0.01)

# Expressions of earlier results (p, q, r) and a number (c).
SMOOTH = (
    "{p} + {q}", "{p} * {q}", "{p} - {c} * {q}", "{p} / (1.5 + {q} ** 2)", "{p} ** 2",
    "autograd.tanh({p})", "autograd.sin({p})", "autograd.exp(-{p} * {p})",
    "autograd.sigmoid({p})", "autograd.softplus({p})", "np.tanh({p})",
    "autograd.logsumexp([{p}, {q}, {r}])", "sum([{p}, {q}, {r}]) / 3",
)  # fmt: skip
PARAMETERS = (
    "autograd.dot(self.w, x)", "autograd.dot(self.w, x, self.b)",
    "sum(a * v for a, v in zip(self.w, x)) + self.b",
    'self.d["u"] * x[0] + self.d["v"][0]', "self.tied[0] * x[1] + self.whole",
    "self.whole * x[0]", "self.constant * self.b", "self.b * self.b",
    "autograd.dot(list(self.w), x)", "autograd.dot(copy.copy(self.w), x)", "self.w[-1] * x[2]",
)  # fmt: skip
ARRAYS = (
    "np.array(self.w) @ np.array(x)", "np.maximum(np.array(self.w) * np.array(x), 0.0).sum()",
    "np.sum(np.where(np.array(self.w) * x[0] > 0, np.array(self.w), 0.1 * np.array(self.w)))",
    "np.array(self.w)[1:].sum() * x[0]", "(np.array(self.w)[np.array([0, 2])] * x[1]).sum()",
    "np.abs(np.array(self.w) - np.array(x)).sum()", "np.max(np.array([{p}, {q}, {r}]))",
    "np.tanh(np.maximum(autograd.ValueArray([{p}, {q}]), 0.0)).sum()",
    "np.clip(np.array([{p}, {q}]), -1, 1)[0]",
    "np.minimum({p}, {q})", "np.maximum(0.1, {p})", "np.exp(np.hstack([1.0, -{p} * {p}])).sum()",
    "(self.A @ np.array(x))[0]", "np.sum(np.tanh(self.A @ np.array(x)))",
    "np.mean(self.A * self.A)", "np.sum(self.A[:, 0]) * x[1]",
)  # fmt: skip
BRANCHES = (
    "{p} if x[0] > {c} else {q}", "{p} if {q} > {c} else 0.1 * {p}", "max({p}, 0.0)",
    "max({p}, {q})", "min({p}, {q}, {r})", "abs({p})", "sorted([{p}, {q}, {r}])[0]",
    "sorted([{p}, {q}, {r}])[1] * {q}", "{p} if x[2] == 1 else {q}", "{p} if x[2] != 0 else {q}",
    "{p} if x[2] in [0.5, 1.0] else -{q}", "{p} if -1 < {q} <= 0.7 else {r}", "leaky({p})",
    "ramp({p})", "({p} if {q} < {r} else {c})", "{p} * (1.0 if x[1] < 0 else 2.0)",
    "[{p}, {q}][int(x[0] > 0)]", "max(self.w, key=lambda v: abs(v)) * {p}",
)  # fmt: skip
LAYERS = ("self.neuron(x)", "self.layer(x)[0]", "sum(self.layer(x))")
COPIES = (
    "copy.copy({p}) * {q}",
    "copy.copy(self.b) * x[1]",
    "copy.deepcopy({p}) * {q}",
    'copy.deepcopy({{"v": {p}}})["v"] + {q}',
)
STATEMENTS = (
    "if {p} < {q}:\n    {t} = {r} * {c}\nelse:\n    {t} = {p}",
    "{t} = {p}\nfor v in self.w:\n    if v > {c}:\n        {t} = {t} + v",
    "{t} = {p}\nif x[2] == 0:\n    {t} = {t} * {q}",
    "if x[0] > 1.2:\n    return {c}\n{t} = {p}",
    "if {p} > 1.5:\n    return 0.25\n{t} = {q}",
)
LOSSES = {
    "mse": "any", "mae": "any", "huber": "any", "hinge": "sign",
    "binary_cross_entropy_with_logits": "class", "binary_cross_entropy": "probability",
    "(p - y) ** 2 if p > y else 0.5 * (p - y) ** 2": "any", "abs(p - y)": "any",
    "max(0.0, 1 - y * p)": "sign", "10 * (p - y) ** 2 if y == 1 else (p - y) ** 2": "class",
    "0.0 if abs(p - y) < 0.3 else (p - y) ** 2": "any", "autograd.relu(1 - y * p)": "sign",
    "(p - y) ** 2 if y != 0 else 3 * p * p": "class",
    "autograd.where(p > y, p - y, 2 * (y - p))": "any",
}  # fmt: skip
PENALTIES = (
    "0.01 * sum(v * v for v in ps)", "0.02 * sum(abs(v) for v in ps)",
    "0.1 * sum([v * v for v in ps if v > 0], 0.0)", "0.05 * max(ps)",
)  # fmt: skip
TARGETS = {
    "any": numbers, "sign": st.sampled_from([-1.0, 1.0]), "class": st.sampled_from([0.0, 1.0]),
    "probability": st.sampled_from([0.0, 1.0]),
}  # fmt: skip
OPTIMISERS = (
    "SGD(ps, lr=0.05)", "SGD(ps, lr=0.05, momentum=0.9)", "SGD(ps, lr=0.05, weight_decay=0.1)",
    "SGD(ps, lr=0.05, momentum=0.8, nesterov=True)", "RMSprop(ps, lr=0.02, eps=1e-3)",
    "Adam(ps, lr=0.02, eps=1e-3)", "Adam(ps, lr=0.02, eps=1e-3, weight_decay=0.1)",
    "AdamW(ps, lr=0.02, eps=1e-3, weight_decay=0.2)",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A model with a loss and a penalty as text, its data, and how it is trained."""

    source: str
    named: str | None  # a loss by name
    X: list[list[float]]
    Y: list[float]
    optimiser: str
    batch_size: int | None
    epochs: int
    clip: float | None
    seed: int | None  # of the order; None for none
    copies: bool  # of nodes, which an eager graph takes for others

    def __str__(self) -> str:
        return (
            f"{self.source}\nX = {self.X}\nY = {self.Y}\n# loss {self.named or 'loss'}, "
            f"{self.optimiser}, epochs={self.epochs}, batch_size={self.batch_size}, "
            f"clip={self.clip}, {'in order' if self.seed is None else f'rng={self.seed}'}"
        )


def _held(draw, body):
    """Return the lines of a constructor: what the body reads, and what nobody reads."""
    w = [draw(numbers) for _ in range(INPUTS)]
    activation = draw(st.sampled_from(["tanh", "relu"]))
    lines = {
        "self.w": f"autograd.values({w})",
        "self.b": f"Value({draw(numbers)})",
        "self.d": f'{{"u": Value({draw(numbers)}), "v": [Value({draw(numbers)})]}}',
        "self.tied": "[self.w[1], self.w[0]]",
        "self.whole": f"Value({draw(st.integers(-2, 2))})",
        "self.constant": "autograd.constant(1.5)",
        "self.neuron": f"nn.Neuron({INPUTS}, activation={activation!r}, rng=3)",
        "self.layer": f"nn.Layer({INPUTS}, 2, activation=leaky, rng=4)",
        "self.A": f"np.array(autograd.values({[w, w[::-1]]}))",
        "self.unused": "Value(0.5)",
    }
    needed = {"self.w", "self.unused"} if draw(st.booleans()) else {"self.w"}
    return [f"{k} = {v}" for k, v in lines.items() if k in body or k in needed]


def _indented(text, depth):
    return "".join(f"{'    ' * depth}{line}\n" for line in text.splitlines())


def _body(draw, kinds):
    """Return the statements of `__call__`, and the names of their results."""
    made, lines = ["x[0]"], []
    for i in range(draw(st.integers(1, 6))):
        recent = st.sampled_from(made[-3:])
        p, q, r, c = draw(recent), draw(recent), draw(st.sampled_from(made)), draw(numbers)
        kind = draw(st.sampled_from(kinds)) if i else PARAMETERS
        text = draw(st.sampled_from(kind)).format(p=p, q=q, r=r, c=c, t=f"t{i}")
        lines.append(text if kind is STATEMENTS else f"t{i} = {text}")
        made.append(f"t{i}")
    return lines, made


KINDS = (SMOOTH, PARAMETERS, ARRAYS, BRANCHES, BRANCHES, LAYERS, STATEMENTS)


@st.composite
def programs(draw, kinds=(*KINDS, COPIES)):
    """Draw a model, its loss, its data, and how it is trained."""
    lines, made = _body(draw, kinds)
    text = draw(st.sampled_from(sorted(LOSSES)))
    named = text if text.isidentifier() else None
    result = f"{made[-1]} + 0.5 * {made[max(1, len(made) - 2)]}"
    squash = LOSSES[text] == "probability"
    if squash:
        lines = [line.replace("return ", "return 0.5 + 0.01 * ") for line in lines]
    end = f"return autograd.sigmoid({result})" if squash else f"return {result}"
    body = "".join(_indented(line, 2) for line in [*lines, end])
    held = "".join(_indented(line, 2) for line in _held(draw, body))
    source = (
        f"{HEAD}class Model(nn.Module):\n    def __init__(self):\n{held}\n"
        f"    def __call__(self, x):\n{body}"
    )
    if named is None:
        source += f"\n\ndef loss(p, y):\n    return {text}\n"
    if draw(st.booleans()) and draw(st.booleans()):
        source += f"\n\ndef penalty(ps):\n    return {draw(st.sampled_from(PENALTIES))}\n"
    count = draw(st.integers(1, 6))
    row = st.tuples(*[numbers] * (INPUTS - 1), st.sampled_from([0.0, 1.0])).map(list)
    X = draw(st.lists(row, min_size=count, max_size=count, unique_by=tuple))
    return Program(
        source, named, X, [draw(TARGETS[LOSSES[text]]) for _ in X],
        draw(st.sampled_from(OPTIMISERS)), draw(st.sampled_from([None, None, 1, 2, 3])),
        draw(st.integers(1, 4)), draw(st.sampled_from([None, None, None, 0.3])),
        draw(st.sampled_from([None, 5])), "copy." in source.replace("copy.copy(self.w)", ""),
    )  # fmt: skip
