"""Every public function checks its options, in one wording.

Each option is of one of three kinds, by its name: a word that is one of some, a number, or neither.
A new option is added to its set below, and the tests then ask for its errors.
"""

import inspect
import re
from types import ModuleType

import pytest

import autograd
import nn
import viz
from autograd import Value
from autograd._checks import SYNONYMS
from autograd.primitives import TABLE

MODULES = (autograd, autograd.check, nn, nn.initializers, nn.schedules, nn.serialization, viz)

# Public, and without answers to a misspelt keyword.
HOT = "called once a number, or once a step: Python's own TypeError names the keyword"
MADE = "made by the library, not by its users"
UNCHECKED = {
    **dict.fromkeys(("Value", "constant", "ValueArray", "get_data", "set_data"), HOT),
    **dict.fromkeys(TABLE, HOT),
    **dict.fromkeys(
        (
            *("Compiled", "Lifted", "Transform", "Diagnosis", "Finding", "History", "Recording"),
            *("Signal", "Step", "Animation", "Explanation", "Exploration", "Ledger", "LedgerRow"),
            *("Picture", "ProgramExploration", "ProgramNode", "ProgramNodes", "TextTree"),
            *("RenderError", "GradientError", "Report", "Row"),
        ),
        MADE,
    ),
    **dict.fromkeys(("write_arrays", "refuse"), "for files of models and checkpoints, within nn"),
}

WORDS = {
    *(
        "activation",
        "class_weight",
        "dtype",
        "direction",
        "engine",
        "fold",
        "init",
        "loss",
        "method",
        "metrics",
    ),
    *(
        "compile.batch",
        "compile.static",
        "compile.wrt",
        "optimiser",
        "output",
        "plot_activations.names",
    ),
    *("plot_history.names", "reduce", "reference", "resume", "second", "show", "theme"),
}
NUMBERS = {
    *("accumulate", "alpha", "argnums", "batch_size", "betas", "checkpoint_every", "clip"),
    *("confusion_matrix.classes", "delta", "depth", "devices", "digits", "domain"),
    *("early_stopping", "end", "epochs", "eps", "factor", "floor", "fps", "frames", "gain"),
    *("high", "hops", "k", "label_smoothing", "limit", "low", "lr", "mean", "memory", "momentum"),
    *("n", "patience", "peak", "prefetch", "rate", "record", "rng", "sample_weight", "scale"),
    *("seconds", "span", "start", "std", "steps", "steps_per_epoch", "threshold", "tol"),
    *("weight_decay", "width"),
}
OTHER = {
    # any truth value does
    *(
        "bias",
        "check",
        "create_graph",
        "exact",
        "gradients",
        "gradients.second",
        "has_aux",
        "legend",
    ),
    *("loop", "nesterov", "nodes", "parameters", "progress", "raises", "shuffle", "step_callbacks"),
    # Values, graphs, data, functions
    *("arguments", "around", "ax", "backward", "callbacks", "classes", "derivative", "history"),
    "model",
    *("name", "names", "numpy", "open", "path", "penalty", "points", "rule", "schedule", "then"),
    *("validation", "wrt", "Y"),
    # any text
    *("checkpoint", "font", "format", "label", "latex", "platform", "summary", "symbol", "title"),
}


def loss(w, x):
    """Return a small loss."""
    return autograd.tanh(w * x)


def cube_of(x):
    """Return a rule of a primitive."""
    return x * x * x


def leaf():
    """Return a leaf and a result of it."""
    x = Value(0.5, "x")
    return x, autograd.tanh(x * x)


def trained():
    """Return a training that was recorded, with its data."""
    X, Y = [[0.0, 1.0], [1.0, 0.5]], [1, 0]
    model = nn.MLP(2, [2, 1], output="sigmoid", rng=0)
    return {"history": nn.fit(model, X, Y, epochs=1, record=1, progress=False), "X": X, "Y": Y}


def lifted():
    """Return a program."""
    x, J = leaf()
    return {"program": autograd.lift(J, wrt=[x])}


# What the functions need besides the option that is wrong.
NEEDED = {
    **dict.fromkeys(("grad", "value_and_grad", "jacobian", "hessian", "derivative"), loss),
    "compile": lambda: {"function": loss},
    "custom": lambda: {"name": cube_of, "derivative": "3 * x**2"},
    "lift": lambda: dict(zip(("wrt", "result"), ([leaf()[0]], leaf()[1]), strict=True)),
    "scipy": lambda: {"f": lambda x: x[0], "x0": [1.0]},
    "gradients": lambda: {"f": autograd.tanh, "args": [0.5]},
    "fit": lambda: {"model": nn.MLP(1, [1], rng=0), "X": [[1.0]], "Y": [1.0], "progress": False},
    "LayerNorm": lambda: {"n": 2},
    "MLP": lambda: {"nin": 2, "sizes": [2, 1]},
    "Layer": lambda: {"nin": 2, "nout": 2},
    "Neuron": lambda: {"nin": 2},
    **dict.fromkeys(
        ("SGD", "RMSprop", "Adam", "AdamW", "LBFGS", "Optimiser"),
        lambda: {"parameters": [Value(1.0)]},
    ),
    "StepDecay": lambda: {"every": 2},
    "Cosine": lambda: {"total": 2},
    "OneCycle": lambda: {"total": 2},
    **dict.fromkeys(
        ("accuracy", "precision", "recall", "f1", "roc_auc"),
        lambda: {"outputs": [0.25, 0.75], "targets": [0, 1]},
    ),
    "top_k_accuracy": lambda: {"outputs": [[0.25, 0.75]], "targets": [0]},
    "predict_classes": lambda: {"outputs": [0.5]},
    "confusion_matrix": lambda: {"predicted": [0], "actual": [0]},
    "binary_cross_entropy": lambda: {"probability": 0.5, "target": 1.0},
    "binary_cross_entropy_with_logits": lambda: {"logit": 0.5, "target": 1.0},
    "cross_entropy": lambda: {"logits": [0.5, 1.0], "target": 1},
    "huber": lambda: {"prediction": 1.0, "target": 2.0},
    "l1_penalty": lambda: {"parameters": [Value(1.0)]},
    "l2_penalty": lambda: {"parameters": [Value(1.0)]},
    **dict.fromkeys(("clip_norm", "clip_value"), lambda: {"parameters": [Value(1.0)]}),
    **dict.fromkeys(
        ("signals", "diagnose"), lambda: {"model": nn.MLP(1, [1]), "X": [[1.0]], "Y": [1.0]}
    ),
    **dict.fromkeys(("draw", "explore", "ledger", "text", "animate"), lambda: {"J": leaf()[1]}),
    "explain": lambda: dict(zip(("wrt", "J"), leaf(), strict=True)),
    **dict.fromkeys(("draw_program", "explore_program", "program_nodes"), lifted),
    "plot_history": lambda: {"history": {"loss": [1.0]}},
    "plot_distributions": trained,
    "plot_decision_boundary": lambda: {
        "model": nn.MLP(2, [1], output="sigmoid", rng=0),
        "X": [[0.0, 1.0], [1.0, 0.0]],
        "y": [0, 1],
    },
    "animate_training": trained,
}
WITH = {  # what else an option needs to be looked at
    "fit.accumulate": {"batch_size": 1},
    "fit.steps_per_epoch": {"X": lambda: iter(()), "Y": None},
    "fit.early_stopping": {"validation": ([[1.0]], [1.0])},
    "fit.checkpoint_every": {"checkpoint": "never.ckpt"},
    "scipy.second": {"method": "dogleg"},
}


def public():
    """List the public functions and classes that have options, by module and name."""
    found = {}
    for module in MODULES:
        names = getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])
        for name in names:
            thing = getattr(module, name)
            if isinstance(thing, ModuleType) or not callable(thing) or name in UNCHECKED:
                continue
            if hasattr(module, "__all__") or thing.__module__ == module.__name__:
                found[thing] = name
    return found


def initializer(thing):
    """Return what takes the arguments: of a class, its own ``__init__``."""
    return vars(thing).get("__init__", thing) if isinstance(thing, type) else thing


def options(thing):
    """List the options of a function or a class, those with a default."""
    try:
        parameters = inspect.signature(initializer(thing)).parameters.values()
    except ValueError:
        return []
    named = [p for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]
    return [p.name for p in named if p.default is not p.empty]


PUBLIC = {thing: name for thing, name in public().items() if options(thing)}
OPTIONS = [(thing, option) for thing in PUBLIC for option in options(thing)]


def named(thing, option):
    """Return an option's name with its function's."""
    return f"{PUBLIC[thing]}.{option}"


def of_kind(names):
    """List the options of a kind: the one that is told with its function's name counts first."""
    told = WORDS | NUMBERS | OTHER
    return [
        pytest.param(thing, option, id=named(thing, option))
        for thing, option in OPTIONS
        if (named(thing, option) if named(thing, option) in told else option) in names
    ]


def call(thing, option, wrong):
    """Call a function with what it needs and a wrong option."""
    needed = NEEDED.get(PUBLIC[thing], dict)
    arguments = {"function": needed} if needed is loss else needed()
    if named(thing, option) == "draw.hops":
        arguments["around"] = arguments["J"]
    return thing(**{**arguments, **WITH.get(named(thing, option), {}), option: wrong})


def test_each_option_is_of_a_kind():
    for thing, option in OPTIONS:
        told = named(thing, option), option
        assert any(name in kind for name in told for kind in (WORDS, NUMBERS, OTHER)), told


def test_what_is_told_is_there():
    names = {named(thing, option) for thing, option in OPTIONS}
    there = names | {name.partition(".")[2] for name in names}
    assert there >= WORDS | NUMBERS | OTHER


@pytest.mark.parametrize(("thing", "option"), OPTIONS, ids=[named(*pair) for pair in OPTIONS])
def test_a_misspelt_keyword_is_answered(thing, option):
    name = PUBLIC[thing]
    for wrong in [option[0] + option, *(w for w, meant in SYNONYMS.items() if meant == option)]:
        if wrong in inspect.signature(initializer(thing)).parameters:
            continue
        with pytest.raises(TypeError) as caught:
            thing(**{wrong: 1})
        start = f"{name}: got the keyword {wrong}; allowed: "
        end = f"; did you mean {option!r}?"
        assert re.fullmatch(
            rf"{re.escape(start)}.*\b{option}\b.*{re.escape(end)}", str(caught.value)
        ), caught.value


@pytest.mark.parametrize(("thing", "option"), of_kind(WORDS))
def test_a_word_that_is_not_one_of_those_allowed(thing, option):
    with pytest.raises(ValueError, match=rf"^{option}: got a str \('fast'\); allowed: .*'\w+'"):
        call(thing, option, "fast")


@pytest.mark.parametrize(("thing", "option"), of_kind(NUMBERS))
def test_a_text_is_no_number(thing, option):
    with pytest.raises(TypeError, match=rf"^{option}: got a str \('fast'\); allowed: "):
        call(thing, option, "fast")


def test_signatures_stay_readable():
    assert [*inspect.signature(nn.fit).parameters][:5] == ["model", "X", "Y", "loss", "optimiser"]
    assert str(inspect.signature(nn.schedules.Cosine)) == "(total: int, floor: float = 0.0) -> None"
