"""Write the compiled passes' source, ``_passes.py``: the compiler's own text, with its C types.

The passes over scalar programs are written once, in `autograd.compiler.vectorize.scalar_passes`;
Cython reads the types of its functions from the file of declarations beside it.
"""

from pathlib import Path

from autograd.kernels.cython.source import digest
from autograd.primitives import text_digest

TEXT = Path(__file__).parents[2] / "compiler" / "vectorize" / "scalar_passes.py"
HEAD = """\
# cython: language_level=3, cdivision=True, boundscheck=False, wraparound=False
# cython: initializedcheck=False, infer_types=False, auto_pickle=False, embedsignature=False
# cython: annotation_typing=False
"""


def write(target: Path, source: Path = TEXT) -> None:
    """Write the source of a text with C types, and the declarations beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in list(target.parents)[:3]:  # a package, where Cython looks for declarations
        (folder / "__init__.py").touch()
    text = source.read_text(encoding="utf-8")
    mark = f"TEXT_DIGEST = {text_digest(source)}"  # a compiled form of another text does not serve
    target.write_text("\n".join([HEAD + text, *digest(), mark, ""]), encoding="utf-8")
    declared = source.with_suffix(".pxd").read_text(encoding="utf-8")
    target.with_suffix(".pxd").write_text(declared, encoding="utf-8")
