"""Expression trees, and one printer for them with a dialect per language.

Modules are imported when they are first used, since most programs use none of them.
"""

from importlib import import_module
from types import ModuleType

MINUS = "\N{MINUS SIGN}"
ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"  # around a name


def __getattr__(name: str) -> ModuleType:
    if name in {"dialects", "latex", "printer", "recording", "tree"}:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
