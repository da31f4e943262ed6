"""A tree of named parameters: what layers, networks and whole models have in common."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from autograd import Value
from autograd.errors import shown
from nn import saving
from nn.basics.names import Path, dotted
from nn.models.state import misfits


class _LabelsWhenBuilt(type):
    """Name the parameters once the outermost constructor, whatever its class, is done."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        module = super().__call__(*args, **kwargs)
        module.label_parameters()
        return module


class Module(metaclass=_LabelsWhenBuilt):
    """Hold parameters, found by looking at the attributes in the order of their definition.

    A parameter is a leaf `Value` that is not a constant. Attributes may be parameters, modules,
    and lists, tuples and dicts of these, to any depth. A parameter that is reachable in two ways
    is counted once, under the first name. Each parameter's label is its dotted name.

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
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the module's output; subclasses define it, with arguments of their own."""
        del args, kwargs
        kind = type(self).__name__
        raise TypeError(f"this {kind} cannot be called: define __call__(self, x) in its class")

    def named_parameters(self) -> list[tuple[str, Value]]:
        """List the dotted names with their parameters, in the order of definition.

        Raises ValueError where two parameters would have the same name.

        Examples
        --------
        >>> import nn
        >>> [name for name, _ in nn.MLP(1, [2]).named_parameters()]
        ['layers.0.neurons.0.w.0', 'layers.0.neurons.0.b',
         'layers.0.neurons.1.w.0', 'layers.0.neurons.1.b']
        """
        found: dict[str, Value] = {}
        for name, value in _walk(self):
            if name in found:
                raise ValueError(
                    f"two parameters are named {name!r}; "
                    "rename an attribute or a dict key so that each name is used once",
                )
            found[name] = value
        return list(found.items())

    def parameters(self) -> list[Value]:
        """List the parameters, in the order of definition.

        Examples
        --------
        >>> import nn
        >>> len(nn.MLP(2, [16, 16, 1]).parameters())
        337
        """
        return [value for _, value in self.named_parameters()]

    def label_parameters(self) -> None:
        """Set every parameter's label to its dotted name in this module.

        Happens by itself when a module is built; call it after adding parameters later.

        Examples
        --------
        >>> import nn
        >>> model = nn.MLP(1, [1])
        >>> model.extra = nn.Neuron(1)
        >>> model.label_parameters()
        >>> model.extra.b.label
        'extra.b'
        """
        for name, value in self.named_parameters():
            value.label = name

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter.

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
        """Return every parameter's number under its name.

        Examples
        --------
        >>> import nn
        >>> nn.Neuron(2, init="zeros").state_dict()
        {'w.0': 0.0, 'w.1': 0.0, 'b': 0.0}
        """
        return {name: value.data for name, value in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter from a dict as `state_dict` returns it.

        Raises ValueError where names are missing, unexpected or come with something else than a
        number; the module is then as it was.

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
        if not isinstance(state, Mapping):
            raise TypeError(
                f"load_state_dict needs a dict of names and numbers, got {shown(state)}",
            )
        parameters = dict(self.named_parameters())
        problems = misfits(parameters, state)
        if problems:
            kind = type(self).__name__
            raise ValueError(f"the state does not fit this {kind}: {'; '.join(problems)}")
        numbers = [float(state[name]) for name in parameters]
        for value, number in zip(parameters.values(), numbers, strict=True):
            value.data = number

    def architecture(self) -> str:
        """Describe what the module is, apart from its numbers; a saved file carries this text.

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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write every parameter to a file, bit for bit, at once or not at all.

        Raises OSError where the file cannot be written; an older file is then as it was.

        Examples
        --------
        >>> import nn, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.json")
        >>> model, other = nn.MLP(2, [3, 1], rng=1), nn.MLP(2, [3, 1], rng=2)
        >>> model.save(path)
        >>> other.load(path)
        >>> other.state_dict() == model.state_dict()
        True
        """
        saving.write(path, self.architecture(), self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set every parameter from a file that `save` wrote.

        Raises OSError where the file cannot be read, and ValueError where it is truncated, foreign,
        corrupt or of another architecture; the module is then as it was.

        Examples
        --------
        >>> import nn, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.json")
        >>> nn.MLP(2, [3, 1]).save(path)
        >>> nn.MLP(2, [4, 1]).load(path)  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        ValueError: ... holds MLP(2, [3, 1], ...), this model is MLP(2, [4, 1], ...)
        """
        architecture, state = saving.read(path)
        if architecture != self.architecture():
            raise ValueError(
                f"{os.fspath(path)} holds {architecture}, this model is {self.architecture()}; "
                "load it into the same architecture, or take its numbers with "
                "nn.saving.read(path) and give them to load_state_dict",
            )
        self.load_state_dict(state)

    def __repr__(self) -> str:
        """Show the architecture and the number of parameters."""
        count = len(self.parameters())
        return f"<{self.architecture()}, {count} parameter{'s' if count != 1 else ''}>"


def _walk(root: Module) -> Iterator[tuple[str, Value]]:
    """Yield each parameter once, depth first; a stack, since modules may nest to any depth."""
    seen: dict[int, object] = {}
    stack: list[tuple[Path, object]] = [((), root)]
    while stack:
        path, item = stack.pop()
        if id(item) in seen:
            continue
        if isinstance(item, Value):
            if item.is_leaf and not item.is_constant:
                seen[id(item)] = item
                yield dotted(path), item
            continue
        below = children(item)
        if below:
            seen[id(item)] = item
            stack.extend(((path, key), child) for key, child in reversed(below))


def children(item: object) -> list[tuple[str, object]]:
    """List what hangs below a module, list, tuple or dict; nothing hangs below anything else."""
    if isinstance(item, Module):
        return list(vars(item).items())
    if isinstance(item, dict):
        return [(str(key), child) for key, child in item.items()]
    if isinstance(item, list | tuple):
        return [(str(position), child) for position, child in enumerate(item)]
    return []
