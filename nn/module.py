"""`Module`, a tree of named parameters: what layers, networks and whole models have in common.

Parameters are not registered: whenever they are asked for, the attributes of a module are searched.
So that none is lost silently, a module remembers the names of its parameters (`_NAMES`) and refuses
to assign anything else to them.
"""

import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from importlib import import_module
from numbers import Number, Real
from types import FunctionType, ModuleType
from typing import Any, ClassVar, NamedTuple, NoReturn, Self, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd._checks import check_type
from autograd.data import set_constant, set_data
from autograd.errors import shown
from autograd.tree import GetAttrKey, PathKey, children_of
from autograd.value import are_parameters, label_row
from nn import serialization
from nn._utils import OUTPUT_KIND, PROGRAMS, Path, dotted
from nn.engines.forward import Array, predict
from nn.inspect.displays import table_html
from nn.mode import mode
from nn.outputs import OutputKind, classes_for, probabilities_for

# Attributes of a module: the names of its own parameters (not of modules in it) and of the
# containers that hold them; how many parameters it has in all; what `train` and `eval` said last;
# the names of its own parameters that are frozen.
_NAMES, _COUNT = "_parameter_names", "_parameter_count"
_TRAINS, _FROZEN = "_trains", "_frozen"
_OWN = {_NAMES, _COUNT, _TRAINS, _FROZEN, PROGRAMS, OUTPUT_KIND}


# Dotted names; of a row of parameters its length, since these are not named one by one, else 0.
Names: TypeAlias = dict[str, int]


class _Building(threading.local):
    """The modules that a thread has built so far within the constructor of another one."""

    modules: "list[Module] | None" = None


_building = _Building()


class _LabelsWhenBuilt(type):
    """Label the parameters once the outermost constructor is done, whatever its class is."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        built = _building.modules
        if built is not None:
            module = super().__call__(*args, **kwargs)
            built.append(module)
            return module
        _building.modules = built = []
        try:
            module = super().__call__(*args, **kwargs)
        finally:
            _building.modules = None
        module.label_parameters()
        for inner in reversed(built):
            first = next(_walk(inner), None)
            if first is not None and first.values[0].label is None:  # not in the outermost one
                inner.label_parameters()
        return module


class Module(metaclass=_LabelsWhenBuilt):
    """The base class of models; its parameters are found by searching its attributes, in order.

    A parameter is a leaf `Value` that is not a constant. Attributes may be parameters, modules,
    and lists, tuples, dicts and NumPy arrays of these, to any depth. A parameter that is reachable
    in two ways is counted once, under the first name. Each parameter's label is its dotted name.

    Parameters that are frozen are constants meanwhile: nothing trains them, and `parameters` leaves
    them out, but they are saved and counted.

    A parameter cannot be replaced by a plain number or a result, which would be neither trained nor
    saved: set ``parameter.data`` instead. It can be replaced by a new `Value`, and by
    ``autograd.constant(number)``, which is not trained.

    Examples
    --------
    >>> from autograd import Value
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.offset = Value(1.0)
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3).data
    7.0
    >>> line.state_dict()
    {'slope': 2.0, 'offset': 1.0}
    >>> line.slope = 3.0
    Traceback (most recent call last):
    TypeError: slope is a parameter of this Line, and a float (3.0) cannot take its place, as ...
    """

    is_unit: ClassVar[bool] = False  # whether a summary shows it, and not the modules in it
    _trains = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Raise TypeError for a class whose instances would share parameters, or hide them."""
        super().__init_subclass__(**options)
        for attribute, item in vars(cls).items():
            for path, _ in _values_in(item, ((), attribute)):
                raise TypeError(
                    f"{dotted(path)} is a Value of the class {cls.__name__}, not of its objects, "
                    "so it would be neither trained nor saved: set it in __init__, as "
                    f"self.{attribute}; a number that is not trained is an autograd.constant"
                )
        if vars(cls).get("__slots__"):
            raise TypeError(
                f"{cls.__name__} has __slots__, where a Module does not look for parameters: "
                "leave them out"
            )

    def __setattr__(self, name: str, item: object) -> None:
        """Set an attribute; raise TypeError if that would silently replace a parameter."""
        names: Names = vars(self).get(_NAMES, {})
        if name in names:
            others = {k: n for k, n in names.items() if k.partition(".")[0] != name}
            for row in _walk(item, ((), name), self):
                others |= row.own_names() if row.owner is self else {}
            vars(self)[_NAMES] = others
        elif isinstance(item, Number) and _is_parameter(vars(self).get(name)):
            _refuse_number(name, shown(item), self)  # while the object is being built
        super().__setattr__(name, item)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; subclasses define it, with their own arguments."""
        del args, kwargs
        kind = type(self).__name__
        raise TypeError(f"this {kind} cannot be called: define __call__(self, x) in its class")

    def named_parameters(self) -> list[tuple[str, Value]]:
        """List pairs of dotted name and parameter, in the order of definition.

        Raises ValueError if two parameters would have the same name, and TypeError if a
        parameter was replaced by something else, or is inside an object that is not searched,
        such as a set or an instance of a class that is no Module.

        Examples
        --------
        >>> import nn
        >>> [name for name, _ in nn.MLP(1, [2]).named_parameters()]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.b',
         'layers.0.neurons.1.w.0', 'layers.0.neurons.1.b']
        """
        return [pair for row in self._named_rows() if not row.is_frozen for pair in row.pairs()]

    def parameters(self) -> list[Value]:
        """List the parameters, in the order of definition, without those that are frozen.

        Examples
        --------
        >>> import nn
        >>> len(nn.MLP(2, [16, 16, 1]).parameters())
        337
        """
        return [v for row in self._named_rows() if not row.is_frozen for v in row.values]

    def _all_parameters(self) -> dict[str, Value]:
        """Return the parameters by name, with those that are frozen."""
        return {name: value for row in self._named_rows() for name, value in row.pairs()}

    def _rows(self) -> "list[_Row]":
        """Find all parameters; raise TypeError if one is where they are not searched for."""
        strangers: list[tuple[Path, object]] = []
        rows = list(_walk(self, strangers=strangers))
        if strangers:
            _refuse_hidden(strangers, rows)
        return rows

    def _named_rows(self) -> "list[_Row]":
        """Find all parameters, and check that each has a name of its own."""
        rows = self._rows()
        twice = _name_used_twice(rows)
        if twice is not None:
            raise ValueError(
                f"two parameters are named {twice!r}; "
                "rename an attribute or a dict key so that each name is used once",
            )
        count = sum(len(row.values) for row in rows)
        if vars(self).get(_COUNT) != count:  # parameters were added or removed
            _remember_names(self, rows, count)
        return rows

    def label_parameters(self) -> None:
        """Label every parameter with its dotted name in this module.

        This is done when a module is built; call it again after adding parameters.

        Examples
        --------
        >>> import nn
        >>> model = nn.MLP(1, [1])
        >>> model.extra = nn.Neuron(1)
        >>> model.label_parameters()
        >>> model.extra.b.label
        'extra.b'
        """
        for row in self._named_rows():
            row.label()

    @property
    def output_kind(self) -> OutputKind | None:
        """What the outputs are, by the loss of the last training; None before.

        Examples
        --------
        >>> import nn
        >>> nn.Neuron(1).output_kind is None
        True
        """
        return vars(self).get(OUTPUT_KIND)

    @property
    def classes_(self) -> NDArray[Any] | None:
        """The names of the classes, in the outputs' order, where the last training had texts.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="sigmoid", rng=0)
        >>> X, Y = [[-1.0], [1.0]], ["cold", "warm"]
        >>> history = nn.fit(model, X, Y, loss="binary_cross_entropy", lr=0.5, progress=False)
        >>> model.classes_.tolist(), model.predict_classes(X).tolist()
        (['cold', 'warm'], ['cold', 'warm'])
        """
        kind = self.output_kind
        return None if kind is None or not kind.classes else np.array(kind.classes)

    def predict(self, X: Any) -> Array:
        """Return the outputs for a batch as numbers: shape (n,) for one output, else (n, k).

        ``X`` is any container that `nn.fit` takes. The model is compiled at the first call.

        Examples
        --------
        >>> import nn
        >>> nn.MLP(2, [3, 1], init="zeros").predict([[1.0, 2.0], [3.0, 4.0]])
        array([0., 0.])
        """
        return predict(self, X)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, a row a sample, also for a single output: (n, 2).

        Outputs of a sigmoid or softmax are probabilities; those of a model that was trained with a
        loss of logits are turned into them. Raises ValueError for other outputs.

        Examples
        --------
        >>> import nn
        >>> nn.Neuron(1, activation="sigmoid", init="zeros").predict_proba([[1.0], [2.0]])
        array([[0.5, 0.5],
               [0.5, 0.5]])
        """
        return probabilities_for(self, X)

    def predict_classes(self, X: Any, threshold: float | None = None) -> NDArray[Any]:
        """Return the class of each sample: of several outputs the largest, of one 0 or 1.

        It is a number, or the text by which the last training knew the class.

        A single output means class 1 above a threshold: that of the loss which the model was
        trained with, as for the metrics in its history, or 0.5 for the output of a sigmoid.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="linear", rng=0)
        >>> history = nn.fit(model, [[-1.0], [1.0]], [0, 1], lr=0.5, progress=False,
        ...                  loss="binary_cross_entropy_with_logits")
        >>> model.predict_classes([[-1.0], [1.0]]), model.predict_proba([[0.0]]).shape
        (array([0, 1]), (1, 2))
        """
        return classes_for(self, X, threshold)

    @property
    def training(self) -> bool:
        """Whether the module trains now, rather than predicts: what differs, as dropout, asks it.

        In a step of `nn.fit` it is True, in predictions, validation and metrics False; elsewhere
        what `train` and `eval` said last, and False to begin with.

        Examples
        --------
        >>> import nn
        >>> nn.Neuron(1).train().training, nn.Neuron(1).training
        (True, False)
        """
        return self._trains if mode.is_training is None else mode.is_training

    @training.setter
    def training(self, trains: bool) -> None:
        vars(self)[_TRAINS] = bool(trains)

    def train(self) -> Self:
        """Have this module, and those in it, train where they are called; return the module.

        Examples
        --------
        >>> import nn
        >>> model = nn.MLP(1, [1]).train()
        >>> model.training, model.layers[0].training
        (True, True)
        """
        return self._set_training(True)

    def eval(self) -> Self:
        """Have this module, and those in it, predict where they are called; return the module.

        Examples
        --------
        >>> import nn
        >>> nn.MLP(1, [1]).train().eval().training
        False
        """
        return self._set_training(False)

    def _set_training(self, trains: bool) -> Self:
        for module in modules_of(self):
            module.training = trains
        return self

    def freeze(self) -> Self:
        """Have nothing train the parameters of this module, and of those in it; return the module.

        They become constants: no gradient is computed for them, under any engine, and optimisers
        leave them alone. They keep their names, are saved and loaded. Make an optimiser after it.

        Examples
        --------
        >>> import nn
        >>> model = nn.MLP(2, [8, 1], rng=0)
        >>> before = model.layers[0].freeze().W
        >>> history = nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=3, progress=False)
        >>> model.layers[0].W.tolist() == before.tolist()
        True
        >>> len(model.parameters()), len(model.state_dict())
        (9, 33)
        """
        rows = [row for row in self._named_rows() if not row.is_frozen]
        for row in rows:
            name = dotted(row.path).removeprefix(f"{dotted(row.base)}.")
            vars(row.owner).setdefault(_FROZEN, set()).add(name)
        set_constant([value for row in rows for value in row.values], constant=True)
        return self

    def unfreeze(self) -> Self:
        """Have the parameters trained again that `freeze` has frozen; return the module.

        Examples
        --------
        >>> import nn
        >>> len(nn.MLP(2, [8, 1]).freeze().unfreeze().parameters())
        33
        """
        rows = _frozen(self._named_rows())
        set_constant([value for row in rows for value in row.values], constant=False)
        for row in rows:
            vars(row.owner).pop(_FROZEN, None)
        return self

    def zero_grad(self) -> None:
        """Reset the gradient of every parameter.

        Examples
        --------
        >>> import nn
        >>> neuron = nn.Neuron(1, activation="linear")
        >>> neuron(5.0).backward()
        >>> neuron.w[0].grad
        5.0
        >>> neuron.zero_grad()
        >>> neuron.w[0].grad
        0.0
        """
        for value in self.parameters():
            value.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """Return the numbers of all parameters by name.

        Examples
        --------
        >>> import nn
        >>> nn.Neuron(2, init="zeros").state_dict()
        {'w.0': 0.0, 'w.1': 0.0, 'b': 0.0}
        """
        return {name: value.data for name, value in self._all_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter from a dict such as `state_dict` returns.

        Raises ValueError if names are missing or unexpected, or if a value is no number; the
        module is then unchanged.

        Examples
        --------
        >>> import nn
        >>> neuron = nn.Neuron(1)
        >>> neuron.load_state_dict({"w.0": 2.0, "b": 1.0})
        >>> neuron.b.data
        1.0
        >>> neuron.load_state_dict({"w.0": 2.0, "bias": 1.0})
        Traceback (most recent call last):
        ValueError: the state does not fit this Neuron: missing b; unexpected bias
        """
        check_type("state", state, Mapping, "a dict of names and numbers")
        parameters = self._all_parameters()
        problems = misfits(parameters, state)
        if problems:
            kind = type(self).__name__
            raise ValueError(f"the state does not fit this {kind}: {'; '.join(problems)}")
        set_data([*parameters.values()], [float(state[name]) for name in parameters])

    def architecture(self) -> str:
        """Describe the module without its numbers; a saved file contains this text.

        Examples
        --------
        >>> import nn
        >>> nn.MLP(2, [3, 1]).architecture()
        "MLP(2, [3, 1], activation='relu', output='linear')"
        """
        children = [
            f"{name}={type(child).__name__}"
            for name, child in vars(self).items()
            if isinstance(child, Module)
        ]
        return f"{type(self).__name__}({', '.join(children)})"

    def summary(self) -> str:
        """Return a table of the layers, and of other modules, with their parameters: print it.

        A parameter that is used in two places counts in the first one.

        Examples
        --------
        >>> import nn
        >>> print(nn.MLP(2, [16, 1]).summary())
        name      module                  parameters
        --------------------------------------------
        layers.0  Layer(2, 16, 'relu')            48
        layers.1  Layer(16, 1, 'linear')          17
        --------------------------------------------
        total                                     65
        """
        rows, totals = self._summary()
        first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [f"{a:<{first}}  {b:<{second}}  {c:>{third}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        return "\n".join([lines[0], rule, *lines[1:-totals], rule, *lines[-totals:]])

    def _summary(self) -> tuple[list[tuple[str, str, str]], int]:
        """Return the rows of the summary, a header first, and how many totals come last."""
        parts = list(_summary_rows("", self, set()))
        frozen = sum(len(row.values) for row in _frozen(self._named_rows()))
        totals = [("total", "", f"{sum(count for *_, count in parts):,}")]
        totals += [("frozen", "", f"{frozen:,}")] if frozen else []
        body = [(name, text, f"{count:,}") for name, text, count in parts]
        return [("name", "module", "parameters"), *body, *totals], len(totals)

    def _repr_html_(self) -> str:
        """Show the summary as a table, in notebooks."""
        rows, totals = self._summary()
        return table_html(self.architecture(), rows, totals)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all parameters to a file, bit for bit and atomically.

        Raises OSError if the file cannot be written; an existing file is then unchanged. The
        format is safetensors: see `nn.serialization`.

        Examples
        --------
        >>> import nn, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> model, other = nn.MLP(2, [3, 1], rng=1), nn.MLP(2, [3, 1], rng=2)
        >>> model.save(path)
        >>> other.load(path)
        >>> other.state_dict() == model.state_dict()
        True
        """
        serialization.write(path, self.architecture(), self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set every parameter from a file that `save` wrote.

        Raises OSError if the file cannot be read, and ValueError if it is truncated, foreign,
        corrupt or of another architecture; the module is then unchanged.

        Examples
        --------
        >>> import nn, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> nn.MLP(2, [3, 1]).save(path)
        >>> nn.MLP(2, [4, 1]).load(path)  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        ValueError: ... holds MLP(2, [3, 1], ...), this model is MLP(2, [4, 1], ...)
        """
        architecture, state = serialization.read(path)
        if architecture != self.architecture():
            raise ValueError(
                f"{os.fspath(path)} holds {architecture}, this model is {self.architecture()}; "
                "load it into the same architecture, or take its numbers with "
                "nn.serialization.read(path) and give them to load_state_dict",
            )
        try:
            self.load_state_dict(state)
        except ValueError as error:
            raise ValueError(f"cannot load {os.fspath(path)}: {error}") from error

    def to(self, kind: str, *, example: Any = None, **options: Any) -> Any:
        """Take the network elsewhere: what `predict` computes, for batches of any size.

        Parameters
        ----------
        kind
            "torch": a `torch.nn.Module`; of dense layers a `Sequential`, to be trained on. "onnx":
            an `onnx.ModelProto`. "jax": a function of a batch, with its parameters as in
            `autograd.export`. "numpy": the text of a Python file that needs only NumPy. "c": the
            text of a C99 file with a function of one sample. "latex": the equations.
        example
            Samples from which the number of inputs is taken, where the layers do not tell it.
        options
            Those of the kind: ``dtype`` ("float64" or "float32"), ``name`` of the function.

        Raises
        ------
        ExportError
            If the model computes something that the place lacks.

        Examples
        --------
        >>> import nn
        >>> text = nn.MLP(2, [3, 1], rng=0).to("numpy")
        >>> elsewhere = {}
        >>> exec(text, elsewhere)
        >>> elsewhere["predict"]([[0.0, 0.0], [1.0, 2.0]]).shape
        (2,)
        """
        interchange = import_module("nn.interchange")  # which stands above this file
        return interchange.export_network(self, kind, example, options)

    def __repr__(self) -> str:
        """Show the architecture and the number of parameters."""
        rows = self._named_rows()
        count, frozen = (sum(len(row.values) for row in part) for part in (rows, _frozen(rows)))
        rest = f", {frozen} of them frozen" if frozen else ""
        return f"<{self.architecture()}, {count} parameter{'s' if count != 1 else ''}{rest}>"


class _Row(NamedTuple):
    """All parameters of a list or tuple that holds nothing else; or one alone, at its own path.

    ``base`` is the path of the module that they are in, the ``owner``.
    """

    path: Path
    values: Sequence[Value]
    owner: Module
    base: Path
    is_single: bool = False
    is_frozen: bool = False

    def names(self) -> list[str]:
        """Return the dotted name of each parameter."""
        name = dotted(self.path)
        return [name] if self.is_single else [f"{name}.{i}" for i in range(len(self.values))]

    def pairs(self) -> Iterator[tuple[str, Value]]:
        """Return pairs of name and parameter."""
        return zip(self.names(), self.values, strict=True)

    def label(self) -> None:
        """Label each parameter with its dotted name."""
        if self.is_single:
            self.values[0].label = dotted(self.path)
        else:
            label_row(self.values, dotted(self.path))

    def own_names(self) -> Names:
        """Return the name below the owner, and those of the containers around."""
        name = dotted(self.path).removeprefix(f"{dotted(self.base)}.")
        names = {name: 0 if self.is_single else len(self.values)}
        while name := name.rpartition(".")[0]:
            names[name] = 0
        return names


def _walk(
    item: object,
    path: Path = (),
    owner: Module | None = None,
    base: Path = (),
    strangers: list[tuple[Path, object]] | None = None,
) -> Iterator[_Row]:
    """Yield each parameter once, depth first; a stack, since modules may nest to any depth.

    Objects that are not searched are appended to `strangers`. Raises TypeError for what has taken
    the place of a parameter.
    """
    seen: dict[int, object] = {}
    known: set[Value] = set()
    stack: list[tuple[Path, object, Module | None, Path]] = [(path, item, owner, base)]
    while stack:
        path, item, owner, base = stack.pop()
        item = _unwrapped(item)
        if id(item) in seen or (type(item) is Value and item in known):
            continue
        values = _parameters_of(item)
        own = set(values)
        is_frozen = not values and owner is not None and _FROZEN in vars(owner)
        if is_frozen and owner is not None:
            values = _frozen_of(item, path, owner, base)
            own = set(values)
        if values and owner is not None and len(own) == len(values) and known.isdisjoint(own):
            seen[id(item)] = item
            known |= own
            yield _Row(path, values, owner, base, values is not item, is_frozen)
            continue
        if isinstance(item, Module):
            owner, base = item, path
        below = children(item)
        if below:
            seen[id(item)] = item
            stack.extend([((path, key), child, owner, base) for key, child in reversed(below)])
        elif owner is not None and _is_number_or_result(item):
            _refuse_where_a_parameter_was(item, path, owner, base)
        elif strangers is not None and not isinstance(item, _SEARCHED):
            seen[id(item)] = item
            strangers.append((path, item))


def _parameters_of(item: object) -> Sequence[Value]:
    """Return a list or tuple that holds parameters alone; a row of one for one."""
    if isinstance(item, Value):
        return (item,) if _is_parameter(item) else ()
    is_row = isinstance(item, list | tuple) and are_parameters(item)
    return item if is_row else ()  # type: ignore[return-value]


def frozen_parameters(module: Module) -> list[tuple[str, Value]]:
    """List pairs of dotted name and parameter of those that are frozen.

    Examples
    --------
    >>> import nn
    >>> frozen_parameters(nn.Neuron(1, init="zeros").freeze())
    [('w.0', Value(0.0, label='w.0', op='constant')), ('b', Value(0.0, label='b', op='constant'))]
    """
    rows = _frozen(module._named_rows())  # noqa: SLF001 - its own module
    return [pair for row in rows for pair in row.pairs()]


def _frozen(rows: "list[_Row]") -> "list[_Row]":
    return [row for row in rows if row.is_frozen]


def _frozen_of(item: object, path: Path, owner: Module, base: Path) -> Sequence[Value]:
    """Return the frozen parameters in a list or tuple of these; a row of one for one."""
    row: Any = (item,) if isinstance(item, Value) else item
    if not isinstance(row, list | tuple) or not row:
        return ()
    if not all(isinstance(x, Value) and x.is_leaf and x.is_constant for x in row):
        return ()
    name = dotted(path).removeprefix(f"{dotted(base)}.")
    names: set[str] = vars(owner)[_FROZEN]
    return row if name in names or name.rpartition(".")[0] in names else ()


def _is_number_or_result(item: object) -> bool:
    """Whether it is neither a parameter nor a constant, but may have taken a parameter's place."""
    if isinstance(item, Value):
        return not item.is_leaf
    return isinstance(item, Number | np.ndarray | np.generic)


def _unwrapped(item: object) -> object:
    """Return the object in an array of no dimension, anything else as it is."""
    if isinstance(item, np.ndarray) and item.dtype == np.dtype(object) and not item.ndim:
        inner: object = item.item()
        return inner
    return item


def _refuse_hidden(strangers: list[tuple[Path, object]], rows: list[_Row]) -> None:
    """Raise TypeError for a parameter in an object that is not searched."""
    hidden = [
        (inner, value, stranger)
        for path, stranger in strangers
        for key, item in _contents(stranger)
        for inner, value in _values_in(item, (path, key))
    ]
    known = {value for row in rows for value in row.values} if hidden else set()
    for inner, value, stranger in hidden:
        if value not in known:
            raise TypeError(
                f"{dotted(inner)} is a Value within a {type(stranger).__name__}, where a Module "
                "does not look for parameters, so it would be neither trained nor saved: keep it "
                "in a list, tuple, dict or array, or derive a class of your own from nn.Module; "
                "a number that is not trained is an autograd.constant"
            )


def _contents(stranger: object) -> list[tuple[str, object]]:
    """List what an object holds that is no Module, list, tuple, dict or array."""
    if isinstance(stranger, type | FunctionType | ModuleType):
        return []
    if isinstance(stranger, Mapping):
        return [(str(key), item) for key, item in stranger.items()]
    if isinstance(stranger, AbstractSet | deque) or _has_objects(stranger):
        items: Any = stranger
        return [(str(position), item) for position, item in enumerate(items)]
    return list(getattr(stranger, "__dict__", {}).items())


def _has_objects(item: object) -> bool:
    """Return whether an item is like an array of objects, such as a pandas column."""
    return getattr(item, "dtype", None) == np.dtype(object)


def _values_in(item: object, path: Path) -> Iterator[tuple[Path, Value]]:
    """Yield the leaves in an item that are no constants, with their paths."""
    seen: set[int] = set()
    stack = [(path, item)]
    while stack:
        path, item = stack.pop()
        item = _unwrapped(item)
        if isinstance(item, Value):
            if _is_parameter(item):
                yield path, item
        elif id(item) not in seen:
            seen.add(id(item))
            stack.extend(((path, key), child) for key, child in reversed(children(item)))


def _refuse_where_a_parameter_was(item: object, path: Path, owner: Module, base: Path) -> None:
    """Raise TypeError if a parameter was replaced; other numbers are settings."""
    names: Names = vars(owner).get(_NAMES, {})
    name = dotted(path).removeprefix(f"{dotted(base)}.") if names else ""
    row, _, position = name.rpartition(".")
    if name in names or (position.isdecimal() and int(position) < names.get(row, 0)):
        got = "a result of operations" if isinstance(item, Value) else shown(item)
        _refuse_number(dotted(path), got, owner)


def _refuse_number(name: str, got: str, owner: Module) -> NoReturn:
    raise TypeError(
        f"{name} is a parameter of this {type(owner).__name__}, and {got} cannot take "
        "its place, as it would be neither trained nor saved: set the number with .data, "
        "or give a Value (autograd.constant for one that is not trained)",
    )


def _name_used_twice(rows: "list[_Row]") -> str | None:
    """Return a name that two parameters have; rows have those of their places behind a dot."""
    lengths: Names = {}
    singles: set[str] = set()
    for row in rows:
        name = dotted(row.path)
        if name in (singles if row.is_single else lengths):
            return row.names()[0]
        if row.is_single:
            singles.add(name)
        else:
            lengths[name] = len(row.values)
    for name in singles:
        stem, _, place = name.rpartition(".")
        if place in map(str, range(lengths.get(stem, 0))):
            return name
    return None


def _is_parameter(item: object) -> TypeGuard[Value]:
    return isinstance(item, Value) and item.is_leaf and not item.is_constant


def _remember_names(root: Module, rows: list[_Row], count: int) -> None:
    """Remember the names of parameters, in a module and in those inside it."""
    known = vars(root).get(_COUNT)
    own: dict[int, tuple[Module, Names]] = {id(root): (root, {})}
    for row in rows:
        owner = row.owner
        if owner is not root and known is None and _COUNT in vars(owner):
            continue  # it was built, and remembered its own, before the one around it
        own.setdefault(id(owner), (owner, {}))[1].update(row.own_names())
    for module, names in own.values():
        vars(module)[_NAMES] = names
    vars(root)[_COUNT] = count


def _summary_rows(name: str, module: Module, seen: set[int]) -> Iterator[tuple[str, str, int]]:
    """Yield the parts of a module that have parameters, and what it has beside them."""
    inner = [] if module.is_unit else list(_modules(name, module))
    for path, part in inner:
        yield from _summary_rows(path, part, seen)
    own = [x for x in module._all_parameters().values() if id(x) not in seen]  # noqa: SLF001
    seen.update(map(id, own))
    if own or not inner:
        text = type(module).__name__ if inner else module.architecture()
        yield name or "-", text, len(own)


def _modules(name: str, item: object) -> Iterator[tuple[str, Module]]:
    """Yield the modules in a module's attributes and containers, in order."""
    for step, child in children(item):
        path = f"{name}.{step}" if name else step
        if isinstance(child, Module):
            yield path, child
        else:
            yield from _modules(path, child)


def modules_of(module: Module) -> Iterator[Module]:
    """Yield a module and all those in it, each once.

    Examples
    --------
    >>> import nn
    >>> [type(part).__name__ for part in modules_of(nn.MLP(1, [1]))]
    ['MLP', 'Layer', 'Neuron']
    """
    seen: dict[int, object] = {}
    stack: list[object] = [module]
    while stack:
        item = stack.pop()
        below = () if id(item) in seen or _parameters_of(item) else children(item)
        if isinstance(item, Module) and id(item) not in seen:
            yield item
        if below:
            seen[id(item)] = item
            stack += [child for _, child in reversed(below)]


_SEARCHED = (dict, list, tuple, np.ndarray, Module, Value, str, Number)  # or nothing in them


def children(item: object) -> list[tuple[str, object]]:
    """List the items of a module, list, tuple, dict or array of objects; other things have none."""
    if isinstance(item, Module):
        return [(name, child) for name, child in vars(item).items() if name not in _OWN]
    if isinstance(item, list | tuple):  # named tuples, too, by position
        return [(str(position), child) for position, child in enumerate(item)]
    return [(_step(item, key), child) for key, child in children_of(item) or ()]


def _step(item: object, key: PathKey) -> str:
    """Write a step of a path as a part of a dotted name; ``1.2`` in an array of two axes."""
    if isinstance(key, GetAttrKey):
        return key.name
    axes = isinstance(item, np.ndarray) and isinstance(key.key, tuple)
    return ".".join(map(str, key.key)) if axes else str(key.key)


_SHOWN = 5  # names in a message: enough to see the pattern, few enough to read


def misfits(parameters: Mapping[str, Value], state: Mapping[str, object]) -> list[str]:
    """List the reasons why a state does not fit; empty if it fits.

    Examples
    --------
    >>> misfits({"w": Value(1.0)}, {"b": 1.0})
    ['missing w', 'unexpected b']
    """
    missing = [name for name in parameters if name not in state]
    unexpected = [str(name) for name in state if name not in parameters]
    mismatched = [
        f"{name} is {shown(state[name])}"
        for name in parameters
        if name in state and not _is_number(state[name])
    ]
    return [
        f"{word} {_some(names)}"
        for word, names in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("not a number:", mismatched),
        )
        if names
    ]


def _is_number(item: object) -> bool:
    """Return whether an item is a number that fits a float."""
    try:
        return isinstance(item, Real) and isinstance(float(item), float)
    except OverflowError:
        return False


def _some(names: list[str]) -> str:
    """Join the first few names."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
