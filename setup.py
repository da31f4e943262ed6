"""Build the compiled kernel where there is a compiler; install without it where there is none."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
BUILD = Path("build") / "autograd_native"
PACKAGE = "autograd/kernels/cython"  # Cython looks for declarations in the package of a module
SOURCES = {
    "_kernel": "source",
    "_tape": "tape_source",
    "_passes": "passes_source",
    "_calls": "calls_source",
    "_blocked": "blocked_source",
}  # extensions and the modules that write them


def file_name(name: str) -> str:
    """Return the name of an extension's source: Cython's own language, or Python with types."""
    return f"{PACKAGE}/{name}.py" if name in {"_passes", "_calls"} else f"{name}.pyx"


def write_sources() -> None:
    """Generate the extensions' sources; `autograd` is not imported, NumPy may be missing."""
    package = ModuleType("autograd")
    package.__path__ = [str(ROOT / "autograd")]
    sys.modules["autograd"] = package
    for name, module in SOURCES.items():
        importlib.import_module(f"autograd.kernels.cython.{module}").write(
            ROOT / BUILD / file_name(name)
        )


class OptionalBuild(build_ext):
    """Build the extension, or leave the reason why not where `autograd.kernel_info` finds it."""

    def build_extension(self, ext: Extension) -> None:
        """Try; on any failure of the toolchain, say so in one line and go on."""
        reason = Path(self.get_ext_fullpath(ext.name)).with_name("reason.txt")
        if ext is self.extensions[0]:  # the others are of use with this one alone
            reason.unlink(missing_ok=True)
        try:
            super().build_extension(ext)
        except Exception as error:  # noqa: BLE001 - compilers fail in many ways, none may stop an install
            reason.parent.mkdir(parents=True, exist_ok=True)
            text = f"{type(error).__name__}: {error}"
            reason.write_text(text, encoding="utf-8")
            print(f"the compiled kernel was not built, the plain one serves: {text}")  # noqa: T201


write_sources()
UNIX_FLAGS = ["-O2", "-ffp-contract=off"]  # a fused a*b + c would differ from the plain kernel's
FLAGS = {
    # A jump through a table is mispredicted more often than a tree of branches.
    "_tape": [*UNIX_FLAGS, "-fno-jump-tables"],
    "_blocked": ["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"],
}
setup(
    cmdclass={"build_ext": OptionalBuild},
    ext_modules=[
        Extension(
            f"autograd.kernels.cython.{name}",
            [str(BUILD / file_name(name))],
            include_dirs=[str(BUILD), PACKAGE],
            depends=[str(path) for path in sorted(Path(PACKAGE).glob("*.h"))],
            extra_compile_args=[] if sys.platform == "win32" else FLAGS.get(name, UNIX_FLAGS),
            optional=True,  # in place, a missing one is not copied
        )
        for name in SOURCES
    ],
)
