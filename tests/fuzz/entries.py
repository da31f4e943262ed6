"""Everything public, each with arguments that it takes: the places where a wrong one can come."""

import inspect
import operator
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import autograd
import nn
import viz
from autograd import Value
from autograd.primitives import TABLE


@dataclass(frozen=True)
class Entry:
    """A call that works, what stays as it is where it fails, and what else it may raise."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    watched: tuple[Any, ...] = ()
    also: tuple[type[BaseException], ...] = ()

    def slots(self) -> list[int | str]:
        """Return the places of arguments: the given ones, then other parameters by name."""
        places = range(len(self.args))
        try:
            parameters = list(inspect.signature(self.function).parameters.values())
        except (TypeError, ValueError):  # a builtin without a signature
            return [*places, *self.options]
        free = [p for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]
        by_place = [p for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY}]
        taken = {p.name for p in by_place[: len(self.args)]}
        names = dict.fromkeys([*self.options, *(p.name for p in free)])
        return [*places, *(name for name in names if name not in taken)]


def call(function, *args, watched=(), also=(), **options):
    """Return an entry; its arguments are watched, too."""
    return Entry(function, args, options, (*args, *options.values(), *watched), also)


def xy():
    """Return two leaves."""
    return Value(0.5, "x"), Value(0.75, "y")


def result():
    """Return a small graph, differentiated."""
    x, y = xy()
    J = x * y + x.tanh()
    J.label = "J"
    J.backward()
    return J


def leaves(node):
    """Return the leaves of `result`."""
    return [v for v in autograd.graph.topological(node) if v.is_leaf]


def model():
    """Return a small model."""
    return nn.MLP(2, [2, 1], activation="tanh", rng=0)


def optimiser(kind):
    """Return an optimiser of two parameters that have gradients."""
    J = result()
    return kind(leaves(J))


X, Y = [[0.0, 1.0], [1.0, 0.5], [0.25, 0.75]], [1.0, 0.0, 0.5]
UNARY = ("neg", "abs", "pos")
BINARY = (
    *("add", "sub", "mul", "truediv", "pow", "floordiv", "mod"),
    *("lt", "le", "gt", "ge", "eq", "ne"),
)


def primitive(entry):
    """Return the entry of a function of the table, at Values of the middle of its domain."""
    function = getattr(autograd, entry.name)
    middles = [Value((low + high) / 2) for low, high in entry.domain]
    if entry.arguments == ("xs", "ys", "b"):
        return call(function, [Value(1.0), 2.0], [Value(3.0), 4.0], Value(0.5))
    if entry.name == "softmax":
        return call(function, [Value(1.0), 2.0])
    if entry.arguments == ("xs", "k"):
        return call(function, [Value(1.0), 2.0], 1)
    if entry.variadic:
        return call(function, [Value(1.0), 2.0])
    return call(function, *middles)


def method(name):
    """Return the entry of a method of `Value` that the table generated."""
    entry = TABLE[name]
    low, high = entry.domain[0]
    x = Value((low + high) / 2)
    others = [(low + high) / 2 for low, high in entry.domain[1:]]
    return call(getattr(x, name), *others, watched=(x,))


def assigned(thing, name, value):
    """Return the entry of setting an attribute."""
    return call(lambda new: setattr(thing, name, new), value, watched=(thing,))


def values_entries():
    """Give what `Value` has beyond the table."""
    made = {f"operator {op}": lambda op=op: binary(op) for op in BINARY}
    for name in ("grad", "value_and_grad", "derivative", "jacobian", "hessian"):
        made[name] = lambda name=name: call(getattr(autograd, name), curve)
        made[f"{name} called"] = lambda name=name: call(getattr(autograd, name)(curve), 0.5)
    made |= {f"reflected {op}": lambda op=op: binary(op, turned=True) for op in BINARY}
    return made | {
        "Value": lambda: call(Value, 1.0, label="x"),
        "constant": lambda: call(autograd.constant, 1.0, label="x"),
        "Value.data": lambda: assigned(Value(1.0), "data", 2.0),
        "Value.data of a result": lambda: with_also(
            assigned(result(), "data", 2.0), AttributeError
        ),
        "Value.grad": lambda: assigned(result(), "grad", 2.0),
        "Value.label": lambda: assigned(result(), "label", "z"),
        "pow modulo": lambda: on_a_value(pow, 3, None),
        "divmod": lambda: on_a_value(divmod, 3.0),
        "divmod reflected": lambda: on_a_value(lambda x, y: divmod(y, x), 3.0),
        "round": lambda: on_a_value(round, 1),
        "format": lambda: on_a_value(format, ".2f"),
        "np.add": lambda: on_a_value(np.add, 2.0),
        "np.add reflected": lambda: on_a_value(lambda x, y: np.add(y, x), 2.0),
        "np.clip": lambda: on_a_value(np.clip, 0.0, 2.0),
        "np.multiply out": lambda: on_a_value(np.multiply, 2.0, out=np.array(1, dtype=object)),
        "np.hypot": lambda: on_a_value(np.hypot, 2.0),
        "values": lambda: call(autograd.values, [[1.0, 2.0]], label="w"),
        "ValueArray": lambda: call(autograd.ValueArray, [Value(1.0), 2.0]),
        "get_data": lambda: call(autograd.get_data, [Value(1.0), Value(2.0)], grads=False),
        "set_data": lambda: with_also(
            call(autograd.set_data, [*xy()], [1.0, 2.0], grads=False), AttributeError
        ),
        "set_data a late result": lambda: with_also(
            call(autograd.set_data, [*xy(), result()], [1.0, 2.0, 3.0]), AttributeError
        ),
        "gradient": lambda: gradient_entry(autograd.gradient, create_graph=True),
        "lift": lambda: gradient_entry(autograd.lift, engine="auto", exact=False),
        "compile": lambda: call(autograd.compile, loss, wrt=["w"], batch=["x"]),
        "compiled": lambda: compiled(autograd.compile(loss, wrt=["w"])),
        "compiled.backward": lambda: compiled(autograd.compile(loss, wrt=["w"]).backward),
        "compiled.value": lambda: compiled(autograd.compile(loss, wrt=["w"]).value),
        "compiled batch": lambda: call(
            autograd.compile(loss, wrt=["w"], batch=["x"]), [0.5, 1.5], [[1.0, 2.0], [3.0, 4.0]]
        ),
        "lifted": lifted_entry,
        "compiled twice": lambda: compiled(called_once(autograd.compile(loss, wrt=["w"]))),
        "errors.shown": lambda: call(autograd.errors.shown, 1.0),
        "graph.topological": lambda: call(autograd.graph.topological, result()),
        "tree.tree_flatten": lambda: call(autograd.tree.tree_flatten, [1.0, {"a": 2.0}]),
        "tree.tree_map": lambda: call(autograd.tree.tree_map, min, [1.0, (2.0,)], [3.0, (4.0,)]),
        "hvp": lambda: call(autograd.hvp, curve, (0.5,), (1.0,)),
        "jvp": lambda: call(autograd.jvp, curve, (0.5,), (1.0,)),
        "vjp": lambda: call(autograd.vjp, curve, 0.5),
        "checkpoint": lambda: call(autograd.checkpoint(loss), [*xy()], [1.0, 2.0]),
        "scipy": lambda: call(autograd.scipy, lambda x: loss(x, x), [0.5, 1.5]),
        "check": lambda: with_also(
            call(autograd.check.gradients, loss, ([0.5], [1.5])), AssertionError
        ),
        "no_grad": lambda: call(autograd.no_grad(), loss),
        "detect_anomaly": lambda: call(autograd.detect_anomaly(), loss),
        "set_num_threads": lambda: call(autograd.set_num_threads, 2),
        "get_num_threads": lambda: call(autograd.get_num_threads),
    }  # fmt: skip


def binary(op, *, turned=False):
    """Return the entry of an operator with a `Value` on one side."""
    x = Value(2.0, "x")
    function = getattr(operator, op)
    if turned:
        return call(lambda other: function(other, x), 3.0, watched=(x,))
    return call(lambda other: function(x, other), 3.0, watched=(x,))


def on_a_value(function, *others, **options):
    """Return the entry of a function of a `Value` and others."""
    x = Value(2.0, "x")
    made = call(lambda *args, **named: function(x, *args, **named), *others, **options)
    return Entry(made.function, made.args, made.options, (*made.watched, x))


def with_also(entry, *errors):
    """Return the entry, which may raise more."""
    return Entry(entry.function, entry.args, entry.options, entry.watched, (*entry.also, *errors))


# What hands an array of Values to NumPy, with one more argument. Shapes and dtypes are not among
# them: NumPy itself recurses where it writes its error.
ON_ARRAYS = {
    "add": np.add, "less": np.less, "maximum": np.maximum, "equal": np.equal,
    "add.reduce": np.add.reduce, "sum": np.sum, "max": np.max, "clip": np.clip, "dot": np.dot,
    "matmul": np.matmul, "take": np.take, "where": np.where,
    "concatenate": lambda a, other: np.concatenate([a, other]), "any": np.any, "sort": np.sort,
    "[]": operator.getitem, "method mean": lambda a, *rest, **named: a.mean(*rest, **named),
    "method dot": lambda a, *rest, **named: a.dot(*rest, **named),
}  # fmt: skip
STARTS = {
    "add.reduce": 0, "sum": 0, "max": 0, "take": [0, 1], "any": 0, "sort": 0, "[]": [1, 0],
    "method mean": 0, "where": 1.0,
}  # fmt: skip


def array_entries():
    """Give what arrays of Values offer."""
    made = {f"ValueArray {name}": lambda name=name: on_an_array(name) for name in ON_ARRAYS}
    return made | {
        "ValueArray": lambda: call(autograd.ValueArray, [Value(1.0), 2.0]),
        "ValueArray []=": assigned_in_array,
    }


def two():
    """Return an array of two Values."""
    return autograd.ValueArray([*xy()])


def on_an_array(name):
    """Return the entry of a function of an array of Values and another argument."""
    function, array = ON_ARRAYS[name], two()
    other = STARTS.get(name, [0.5, 1.5])
    made = call(lambda *args, **named: function(array, *args, **named), other)
    others = {"clip": (2.0,), "where": (0.0,)}
    more = others.get(name, ())
    entry = Entry(made.function, (*made.args, *more), {}, (*made.watched, *array))
    return with_also(entry, IndexError)  # NumPy's, of positions


def assigned_in_array():
    """Return the entry of setting elements of an array; nothing is set where it fails."""
    array = two()

    def assign(index, item):
        array[index] = item

    return with_also(call(assign, 0, 1.0), IndexError)


def loss(w, x):
    """Return a small loss of two vectors."""
    return autograd.tanh(autograd.dot(w, x)) ** 2


def curve(x):
    """Return a small function of one number."""
    return autograd.sin(x) * x


def compiled(step):
    """Return the entry of a compiled function."""
    return call(step, [0.5, 1.5], [1.0, 2.0])


def called_once(step):
    """Call, so that the straight-line call is there."""
    step([0.5, 1.5], [1.0, 2.0])
    return step


def gradient_entry(function, **options):
    """Return the entry of a function of a result and its leaves."""
    J = result()
    return with_also(call(function, J, leaves(J), **options), RuntimeError)


def lifted_entry():
    """Return the entry of a lifted program."""
    J = result()
    return call(autograd.lift(J, leaves(J)), 0.5, 0.25)


def saved():
    """Return a model, and the path of a file of its parameters."""
    path = Path(tempfile.mkdtemp()) / "model.safetensors"
    made = model()
    made.save(path)
    return made, path


def nn_entries():
    """Give what `nn` offers."""
    made = {}
    for name, kind in nn.OPTIMISERS.items():
        made[f"nn {name}"] = lambda kind=kind: call(kind, [*xy()])
        made[f"nn {name}.load_state_dict"] = lambda kind=kind: loading(optimiser(kind))
        made[f"nn {name}.lr"] = lambda kind=kind: stepping(optimiser(kind))
    for name in nn.LOSSES:
        made[f"nn {name}"] = lambda name=name: loss_entry(name)
    for name in (
        "Constant",
        "StepDecay",
        "Exponential",
        "Cosine",
        "OneCycle",
        "WarmUp",
        "ReduceOnPlateau",
    ):
        made[f"nn schedules.{name}"] = lambda name=name: schedule(name)
    for name in ("constant", "uniform", "normal", "xavier_uniform", "xavier_normal"):
        made[f"nn initializers.{name}"] = lambda name=name: initializer(name)
    return made | {
        "nn MLP": lambda: call(nn.MLP, 2, [2, 1]),
        "nn Layer": lambda: call(nn.Layer, 2, 2),
        "nn Neuron": lambda: call(nn.Neuron, 2),
        "nn Sequential": lambda: call(nn.Sequential, nn.Neuron(2, rng=0), "tanh"),
        "nn Sequential call": lambda: calling(nn.Sequential(nn.Layer(2, 2, rng=0), "tanh")),
        "nn LayerNorm": lambda: call(nn.LayerNorm, 2, 1e-5),
        "nn LayerNorm call": lambda: calling(nn.LayerNorm(2)),
        "nn Dropout": lambda: call(nn.Dropout, 0.5, 0),
        "nn Dropout call": lambda: calling(nn.Dropout(0.5, rng=0).train()),
        "nn MLP call": lambda: calling(model()),
        "nn Layer call": lambda: calling(nn.Layer(2, 2, rng=0)),
        "nn Neuron call": lambda: calling(nn.Neuron(2, rng=0)),
        "nn Module.load_state_dict": lambda: loading(model()),
        "nn Module.load": lambda: file_entry("load"),
        "nn Module.save": lambda: file_entry("save"),
        "nn serialization.read": lambda: with_also(
            call(nn.serialization.read, saved()[1]), OSError
        ),
        "nn serialization.write": lambda: with_also(
            call(nn.serialization.write, saved()[1], "A()", {"w": 1.0}), OSError
        ),
        "nn fit": lambda: fitting("compiled"),
        "nn fit eager": lambda: fitting("eager"),
        "nn predict": lambda: call(nn.predict, model(), X),
        "nn predict_classes": lambda: call(nn.predict_classes, [0.25, 0.75]),
        "nn accuracy": lambda: call(nn.accuracy, [0.25, 0.75], [0, 1]),
        "nn precision": lambda: call(nn.precision, [0.25, 0.75], [0, 1]),
        "nn recall": lambda: call(nn.recall, [0.25, 0.75], [0, 1], threshold=0.5),
        "nn f1": lambda: call(nn.f1, [0.25, 0.75], [0, 1]),
        "nn roc_auc": lambda: call(nn.roc_auc, [0.25, 0.75], [0, 1]),
        "nn top_k_accuracy": lambda: call(nn.top_k_accuracy, [[0.25, 0.75]], [0], k=1),
        "nn r2": lambda: call(nn.r2, [0.25, 0.75], [0.0, 1.0]),
        "nn mean_absolute_error": lambda: call(nn.mean_absolute_error, [0.25], [0.0]),
        "nn confusion_matrix": lambda: call(nn.confusion_matrix, [0, 1], [1, 1]),
        "nn clip_norm": lambda: clipping(nn.clip_norm),
        "nn clip_value": lambda: clipping(nn.clip_value),
        "nn l1_penalty": lambda: call(nn.l1_penalty, [*xy()], 0.1),
        "nn l2_penalty": lambda: call(nn.l2_penalty, [*xy()], 0.1),
        "nn huber": lambda: call(nn.huber, Value(1.0), 2.0),
        "nn LBFGS": lambda: call(nn.LBFGS, [*xy()]),
        "nn Step": lambda: call(nn.Step, 1, 1, 0.5, 0.01),
        "nn diagnose": lambda: call(nn.diagnose, model(), X, Y),
        "nn History.add": lambda: history_entry("add", {"loss": 0.5}),
        "nn History[]": lambda: with_also(history_entry("__getitem__", "loss"), KeyError),
        "nn Module.named_parameters": holding,
    }


def loss_entry(name):
    """Return the entry of a loss: what suits each is in its name."""
    several = name == "cross_entropy"
    return call(nn.LOSSES[name].function, [Value(0.25), Value(0.5)] if several else Value(0.25), 1)


def schedule(name):
    """Return the entry of a schedule, made and called."""
    kind = getattr(nn.schedules, name)
    start = {
        "StepDecay": (2,),
        "Exponential": (0.5,),
        "Cosine": (10,),
        "OneCycle": (10,),
        "WarmUp": (5,),
    }
    return call(kind, *start.get(name, ()))


def initializer(name):
    """Return the entry of a rule of initialisation."""
    return call(getattr(nn.initializers, name), *((1.0,) if name == "constant" else ()))


def loading(thing):
    """Return the entry of loading a state."""
    return call(thing.load_state_dict, thing.state_dict(), watched=(thing,))


def stepping(thing):
    """Return the entry of a step with a learning rate that a user set."""

    def step(lr):
        thing.lr = lr
        thing.step()

    return call(step, 0.1, watched=(thing.parameters,))


def calling(thing):
    """Return the entry of calling a model."""
    return call(thing, [0.5, 0.25], watched=(thing,))


def file_entry(name):
    """Return the entry of saving or loading a model."""
    made, path = saved()
    return with_also(call(getattr(made, name), path, watched=(made,)), OSError)


def fitting(engine):
    """Return the entry of training."""
    made = model()
    entry = call(nn.fit, made, X, Y, watched=(made,), epochs=1, progress=False, engine=engine)
    return with_also(entry, FloatingPointError, OSError)  # of a checkpoint's path, too


def clipping(function):
    """Return the entry of clipping gradients."""
    return with_also(call(function, leaves(result()), 0.5), FloatingPointError)


def history_entry(name, argument):
    """Return the entry of a method of a history of one epoch."""
    history = nn.History()
    history.add({"loss": 0.5})
    return call(getattr(history, name), argument, watched=(history.rows(),))


def holding():
    """Return the entry of a model with an odd attribute."""

    def hold(thing):
        made = model()
        made.extra = thing
        return made.named_parameters(), repr(made)

    return call(hold, 1.0)


def picture(**options):
    """Return a picture."""
    return viz.draw(result(), **options)


def viz_entries():
    """Give what `viz` offers; nothing is laid out or painted."""
    return {
        "viz draw": lambda: call(lambda *a, **k: viz.draw(*a, **k).dot, result()),
        "viz draw options": lambda: call(viz.draw, result()),
        "viz draw_program": lambda: call(viz.draw_program, lifted_entry().function),
        "viz program_nodes": lambda: call(viz.program_nodes, lifted_entry().function),
        "viz explain": lambda: call(viz.explain, result(), leaves(result())[:1]),
        "viz explain itself": explaining,
        "viz ledger": lambda: call(viz.ledger, result()),
        "viz text": lambda: call(viz.text, result()),
        "viz text.render": lambda: call(viz.text(result()).render, width=40, encoding="utf-8"),
        "viz explore": lambda: call(viz.explore, result()),
        "viz Picture.save": lambda: with_also(
            call(picture().save, Path(tempfile.mkdtemp()) / "x.dot"), OSError
        ),
        "viz Picture": lambda: call(viz.Picture, "digraph {}"),
    }


def explaining():
    """Return the entry of an explanation, written."""
    J = result()
    xs = leaves(J)
    return call(lambda wrt, **k: str(viz.explain(J, wrt, **k)), xs, watched=(J,))


@cache
def entries() -> dict[str, Callable[[], Entry]]:
    """Return all entries by name."""
    functions = {f"autograd.{name}": lambda e=e: primitive(e) for name, e in TABLE.items()}
    methods = {
        f"Value.{name}": lambda name=name: method(name)
        for name, e in TABLE.items()
        if not e.variadic
    }
    return functions | methods | values_entries() | array_entries() | nn_entries() | viz_entries()
