"""Build the compiled kernel where there is a compiler; install without it where there is none."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
PYX = Path("build") / "autograd_native" / "_kernel.pyx"


def write_kernel() -> None:
    """Generate the kernel's source; `autograd` itself is not imported, NumPy may be missing."""
    package = ModuleType("autograd")
    package.__path__ = [str(ROOT / "autograd")]
    sys.modules["autograd"] = package
    sys.modules["autograd.native"] = native = ModuleType("autograd.native")
    native.__path__ = [str(ROOT / "autograd" / "native")]
    importlib.import_module("autograd.native.source").write(ROOT / PYX)


class OptionalBuild(build_ext):
    """Build the extension, or leave the reason why not where `autograd.kernel_info` finds it."""

    def build_extension(self, ext: Extension) -> None:
        """Try; on any failure of the toolchain, say so in one line and go on."""
        reason = Path(self.get_ext_fullpath(ext.name)).with_name("reason.txt")
        reason.unlink(missing_ok=True)
        try:
            super().build_extension(ext)
        except Exception as error:  # noqa: BLE001 - compilers fail in many ways, none may stop an install
            reason.parent.mkdir(parents=True, exist_ok=True)
            text = f"{type(error).__name__}: {error}"
            reason.write_text(text, encoding="utf-8")
            print(f"the compiled kernel was not built, the plain one serves: {text}")  # noqa: T201


write_kernel()
UNIX_FLAGS = ["-O2", "-ffp-contract=off"]  # a fused a*b + c would differ from the plain kernel's
setup(
    cmdclass={"build_ext": OptionalBuild},
    ext_modules=[
        Extension(
            "autograd.native._kernel",
            [str(PYX)],
            extra_compile_args=[] if sys.platform == "win32" else UNIX_FLAGS,
        )
    ],
)
