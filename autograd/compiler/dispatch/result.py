"""Write what one variant's straight call returns: results or gradients in their structure."""

from collections.abc import Iterator
from typing import Any

from autograd.compiler.dispatch.arguments import Texts
from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.outputs import ForwardSpecialization
from autograd.compiler.executors.specialization import Specialization
from autograd.tree import TreeDef, builder
from autograd.tree_spec import ArraySpec, Static, TreeSpec


def written_outputs(
    variant: ForwardSpecialization, settings: Settings, fresh: set[str], texts: Texts
) -> str:
    """Write the results in the function's structure; with a batch, as arrays of samples."""
    names = {i: f"r{i}" for i in range(variant.count)}
    structure = _Structure(names, fresh, texts)
    if settings.batch:
        outputs = variant.program.outputs
        assert outputs is not None
        place = settings.arguments.index(settings.batch[0])
        structure.batch = f"(len(arg{place}),)" if variant.samples else "()"
        structure.samples = [output.sample for output in outputs]
    return structure.text(variant.spec)


def written_result(
    key: Key, settings: Settings, gradient: dict[int, str], variant: Specialization,
    fresh: set[str], known: Texts,
) -> str | None:  # fmt: skip
    """Write the gradients in the arguments' structure."""
    structure = _Structure(gradient, fresh, known)
    texts = []
    for name, spec in zip(settings.arguments, key[1:], strict=True):
        text = structure.text(spec)
        if settings.differentiates(name, spec):
            texts.append(text)
    if not texts:
        return _by_name(variant, fresh)
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


class _Structure:
    """Writes numbers in a structure; a copy where an array is not the caller's own.

    ``batch`` is the samples' shape where they come first, ``samples`` which arrays have them.
    """

    def __init__(self, names: dict[int, str], fresh: set[str], texts: Texts) -> None:
        self.names, self.fresh, self.written = names, fresh, texts.written
        self.batch, self.samples = "", [False]
        self.number = 0

    def text(self, spec: TreeSpec) -> str:
        """Write a tree."""
        return self._text(spec.treedef, iter(spec.leaves))

    def _text(self, treedef: TreeDef, leaves: Iterator[ArraySpec | Static]) -> str:
        cls, data, children = treedef
        if cls is None:
            leaf = next(leaves)
            return self.written(leaf.value) if isinstance(leaf, Static) else self._leaf(leaf)
        if cls is type(None):
            return "None"
        inner = [self._text(child, leaves) for child in children]
        if cls is dict:
            names: Any = data
            items = zip(map(self.written, names), inner, strict=True)
            return "{" + ", ".join(f"{name}: {text}" for name, text in items) + "}"
        joined = ", ".join(inner)
        if cls is list:
            return f"[{joined}]"
        if cls is tuple:
            return f"({joined}{',' if len(inner) == 1 else ''})"
        return f"{self.written(builder(treedef))}({joined})"

    def _leaf(self, spec: ArraySpec) -> str:
        text = self.names.get(self.number)
        self.number += 1
        if self.batch:
            is_sample = self.samples[self.number - 1]
            return f"placed({text}, {spec.shape!r}, {is_sample}, {self.batch})"
        return self._number(text) if spec.kind == "number" else self._array(text, spec)

    def _number(self, text: str | None) -> str:
        return "0.0" if text is None else f"float({text})"

    def _array(self, text: str | None, spec: ArraySpec) -> str:
        kind, shape, _ = spec
        if text is None:
            made = f"zeros({shape!r})"
        elif text.startswith("grads["):  # the tape's
            made = text if kind == "list" else f"array({text})"
        else:
            whole = f"array(broadcast_to({text}, {shape!r}))"
            right = f"type({text}) is ndarray and {text}.shape == {shape!r}"
            is_own = text in self.fresh or kind == "list"
            made = f"({text} if {right} else {whole})" if is_own else whole
        return f"{made}.tolist()" if kind == "list" else made


def _by_name(variant: Specialization, fresh: set[str]) -> str | None:
    """Write the gradients of parameters as a dictionary."""
    if variant.engine.name == "tape":
        return None
    copied = [
        "as" * (f"g{i}" in fresh) + f"array(g{i})" for i in range(len(variant.program.wanted))
    ]
    items = [f"{a.name!r}: {text}" for a, text in zip(variant.program.wanted, copied, strict=True)]
    return "{" + ", ".join(items) + "}"
