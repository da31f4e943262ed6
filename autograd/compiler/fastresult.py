"""Write what one variant's straight call returns: gradients in the arguments' structure."""

from autograd.compiler.arguments import ARRAYS, Key, leaves_of
from autograd.compiler.variant import Variant


def written_result(
    key: Key, names: tuple[str, ...], wrt: tuple[str, ...], gradient: dict[int, str],
    variant: Variant, fresh: set[str],
) -> str | None:  # fmt: skip
    """Write the gradients in the arguments' structure."""
    structure = _Structure(gradient, fresh)
    texts = []
    for name, part in zip(names, key[1:], strict=True):
        text = structure.text(part)
        if name in wrt and not all(leaf[2] for leaf in leaves_of(part)):
            texts.append(text)
    if not texts:
        return _by_name(variant, fresh)
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


class _Structure:
    """Writes gradients in the structure of arguments; a copy where one is not the caller's own."""

    def __init__(self, gradient: dict[int, str], fresh: set[str]) -> None:
        self.gradient, self.fresh = gradient, fresh
        self.number = 0

    def text(self, part: Key) -> str:
        """Write the gradient of one argument, or part of one."""
        kind = part[0]
        if kind in ARRAYS:
            text = self.gradient.get(self.number)
            self.number += 1
            return self._number(text) if kind == "n" else self._array(text, part[1])
        if kind == "s":
            return repr(part[1])
        if kind == "d":
            return "{" + ", ".join(f"{k!r}: {self.text(p)}" for k, p in part[1:]) + "}"
        inner = ", ".join(self.text(p) for p in part[1:])
        return f"[{inner}]" if kind == "l" else f"({inner}{',' if len(part) == 2 else ''})"

    def _number(self, text: str | None) -> str:
        return "0.0" if text is None else f"float({text})"

    def _array(self, text: str | None, shape: tuple[int, ...]) -> str:
        if text is None:
            return f"zeros({shape!r})"
        if text.startswith("grads["):  # the tape's
            return f"array({text})"
        if text not in self.fresh:
            return f"array(broadcast_to({text}, {shape!r}))"
        right = f"type({text}) is ndarray and {text}.shape == {shape!r}"
        return f"({text} if {right} else array(broadcast_to({text}, {shape!r})))"


def _by_name(variant: Variant, fresh: set[str]) -> str | None:
    """Write the gradients of parameters as a dictionary."""
    if variant.engine.name == "tape":
        return None
    copied = [
        "as" * (f"g{i}" in fresh) + f"array(g{i})" for i in range(len(variant.program.wanted))
    ]
    items = [f"{a.name!r}: {text}" for a, text in zip(variant.program.wanted, copied, strict=True)]
    return "{" + ", ".join(items) + "}"
