"""Write what one variant's straight call returns: results or gradients in their structure."""

from autograd.compiler.calls.arguments import Texts
from autograd.compiler.calls.settings import Settings
from autograd.compiler.running.outputs import ForwardVariant
from autograd.compiler.running.variant import Variant
from autograd.compiler.tracing.arguments import ARRAYS, Key


def written_outputs(
    variant: ForwardVariant, settings: Settings, fresh: set[str], texts: Texts
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
    return structure.text(variant.structure)


def written_result(
    key: Key, settings: Settings, gradient: dict[int, str], variant: Variant, fresh: set[str],
    known: Texts,
) -> str | None:  # fmt: skip
    """Write the gradients in the arguments' structure."""
    structure = _Structure(gradient, fresh, known)
    texts = []
    for name, part in zip(settings.arguments, key[1:], strict=True):
        text = structure.text(part)
        if settings.differentiates(name, part):
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

    def text(self, part: Key) -> str:
        """Write one part, and what it holds."""
        kind = part[0]
        if kind in ARRAYS:
            text = self.names.get(self.number)
            self.number += 1
            if self.batch:
                is_sample = self.samples[self.number - 1]
                return f"placed({text}, {part[1]!r}, {is_sample}, {self.batch})"
            return self._number(text) if kind == "n" else self._array(text, part)
        if kind == "s":
            return self.written(part[1])
        if kind == "d":
            return "{" + ", ".join(f"{self.written(k)}: {self.text(p)}" for k, p in part[1:]) + "}"
        if kind == "k":
            return f"{self.written(part[1])}({', '.join(self.text(p) for p in part[2:])})"
        inner = ", ".join(self.text(p) for p in part[1:])
        return f"[{inner}]" if kind == "l" else f"({inner}{',' if len(part) == 2 else ''})"

    def _number(self, text: str | None) -> str:
        return "0.0" if text is None else f"float({text})"

    def _array(self, text: str | None, part: Key) -> str:
        kind, shape, _ = part
        if text is None:
            made = f"zeros({shape!r})"
        elif text.startswith("grads["):  # the tape's
            made = text if kind == "la" else f"array({text})"
        else:
            whole = f"array(broadcast_to({text}, {shape!r}))"
            right = f"type({text}) is ndarray and {text}.shape == {shape!r}"
            is_own = text in self.fresh or kind == "la"
            made = f"({text} if {right} else {whole})" if is_own else whole
        return f"{made}.tolist()" if kind == "la" else made


def _by_name(variant: Variant, fresh: set[str]) -> str | None:
    """Write the gradients of parameters as a dictionary."""
    if variant.engine.name == "tape":
        return None
    copied = [
        "as" * (f"g{i}" in fresh) + f"array(g{i})" for i in range(len(variant.program.wanted))
    ]
    items = [f"{a.name!r}: {text}" for a, text in zip(variant.program.wanted, copied, strict=True)]
    return "{" + ", ".join(items) + "}"
