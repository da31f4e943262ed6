"""A table of a model's parts with their parameters."""

from collections.abc import Iterator

from autograd._checks import check_type
from nn.layers import Layer, Neuron
from nn.module import Module, children

Row = tuple[str, str, int]
HEADS = ("name", "module", "parameters")


def summary(model: Module) -> str:
    """Return a table of a model's layers, and of other modules in it, with their parameters.

    A parameter that is used in two places counts in the first one.

    Examples
    --------
    >>> import nn
    >>> print(summary(nn.MLP(2, [16, 1])))
    name      module                  parameters
    --------------------------------------------
    layers.0  Layer(2, 16, 'relu')            48
    layers.1  Layer(16, 1, 'linear')          17
    --------------------------------------------
    total                                     65
    """
    check_type("model", model, Module, "a Module")
    rows = list(_rows("", model, set()))
    lines = [HEADS, *((name, text, f"{count:,}") for name, text, count in rows)]
    total = ("total", "", f"{sum(count for *_, count in rows):,}")
    widths = [max(len(line[i]) for line in [*lines, total]) for i in range(3)]
    texts = [
        f"{name:<{widths[0]}}  {text:<{widths[1]}}  {count:>{widths[2]}}"
        for name, text, count in [*lines, total]
    ]
    rule = "-" * len(texts[0])
    return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1]])


def _rows(name: str, module: Module, seen: set[int]) -> Iterator[Row]:
    """Yield the parts of a module that have parameters, and what it has beside them."""
    inner = [] if isinstance(module, Layer | Neuron) else list(_modules(name, module))
    for path, part in inner:
        yield from _rows(path, part, seen)
    own = [x for x in module.parameters() if id(x) not in seen]
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
