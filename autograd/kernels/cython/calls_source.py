"""Write the compiled calls' source, ``_calls.py``: the compiler's own text, with its C types."""

from pathlib import Path

from autograd.kernels.cython import passes_source

TEXT = Path(__file__).parents[2] / "compiler" / "dispatch" / "call_parts.py"


def write(target: Path) -> None:
    """Write the calls' source, and the declarations beside it."""
    passes_source.write(target, TEXT)
