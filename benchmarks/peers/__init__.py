"""The libraries that are timed, one small file each; this list imports none of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A peer: where its class is, how it is called in the table, and how it is installed."""

    name: str
    title: str
    maker: str
    install: str
    environment: Mapping[str, str] = field(default_factory=dict)
    apart: bool = False  # needs a Python of its own
    built: bool = False  # builds or compiles once, untimed

    @property
    def library(self) -> str:
        """The name without what tells apart two ways to use one library."""
        if self.maker.startswith("ours."):
            return "scalar-autograd"
        return self.title.removesuffix(", evaluation alone").removesuffix(" jit")


def _ours(kernel: str, title: str, install: str) -> Entry:
    return Entry(kernel, title, "ours.Ours", install, {"AUTOGRAD_KERNEL": kernel})


_CPU = {"JAX_PLATFORMS": "cpu"}
PEERS = {
    entry.name: entry
    for entry in (
        _ours("native", "native kernel", "pip install . (with a C compiler)"),
        _ours("python", "plain kernel", "pip install ."),
        Entry(
            "tape",
            "tape, evaluation alone",
            "ours.Taped",
            "pip install . (with a C compiler)",
            {"AUTOGRAD_KERNEL": "native"},
            built=True,
        ),
        Entry("micrograd", "micrograd", "micrograd.Micrograd", "pip install micrograd"),
        Entry("torch", "PyTorch", "pytorch.PyTorch", "pip install torch"),
        Entry("hips", "HIPS autograd", "hips.Hips", "see --hips-python", apart=True),
        Entry("xad", "XAD", "xad.Xad", "pip install xad"),
        Entry("casadi", "CasADi", "casadi.Casadi", "pip install casadi"),
        Entry(
            "casadi-eval",
            "CasADi, evaluation alone",
            "casadi.Evaluation",
            "pip install casadi",
            built=True,
        ),
        Entry("jax", "JAX", "jax.Jax", "pip install jax", _CPU),
        Entry(
            "jax-eval",
            "JAX jit, evaluation alone",
            "jax.Jitted",
            "pip install jax",
            _CPU,
            built=True,
        ),
    )
}
OURS = ("native", "python")  # the faster one first
