"""Lay out DOT text with the Graphviz that pygraphviz's wheel carries, in a process of its own.

Run as ``python -I -S _layout_worker.py FOLDER < picture.dot > picture.svg``; FOLDER holds the
wheel's shared libraries. Only the standard library is used, and of Graphviz only what ``dot``'s
layout and the SVG writer need: the plugins that measure text or paint pixels want libglib,
libgobject, libX11, libXext and libXrender, which slim images lack. Text is measured here instead:
a column of a monospaced face is 0.6 em, so a layout is the same whatever fonts a machine has.

Exit status 0: SVG on standard output. 1: the libraries do not load. 3: Graphviz refused the text.
"""

import ctypes
import os
import runpy
import sys
from pathlib import Path
from typing import Any


def _names(path: str) -> dict[str, Any]:
    """Run a file of ``viz`` by its path: a script run with -I cannot import its neighbours."""
    return runpy.run_path(str(Path(__file__).parents[1] / path))


_TEXT = _names("text_width.py")

LINE = 1.2  # em from one line to the next, Graphviz's own figure
# em from the top of a line to its baseline: capitals 0.7 em high are centred in 1.2 em.
BASELINE = 0.95
# em to raise the baseline of plain labels and of cells that mix fonts. 0.05 would centre the
# former, -0.04 the latter; 0 leaves both within half a point at 11 points.
RAISE = 0.0
TEXT_LAYOUT = 2  # position of the text-layout interface in Graphviz's ``api_t``
LOADS_NOT, REFUSED = 1, 3


class _Font(ctypes.Structure):
    """Begin Graphviz's ``textfont_t``, as far as the size."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("color", ctypes.c_char_p),
        ("alias", ctypes.c_void_p),
        ("size", ctypes.c_double),
    )


class _Span(ctypes.Structure):
    """Mirror Graphviz's ``textspan_t``: one run of text in one font."""

    _fields_ = (
        ("text", ctypes.c_char_p),
        ("font", ctypes.POINTER(_Font)),
        ("layout", ctypes.c_void_p),
        ("free_layout", ctypes.c_void_p),
        ("yoffset_layout", ctypes.c_double),
        ("yoffset_centerline", ctypes.c_double),
        ("width", ctypes.c_double),
        ("height", ctypes.c_double),
        ("just", ctypes.c_char),
    )


class _Installed(ctypes.Structure):
    """Mirror ``gvplugin_installed_t``: one offered engine."""

    _fields_ = (
        ("id", ctypes.c_int),
        ("type", ctypes.c_char_p),
        ("quality", ctypes.c_int),
        ("engine", ctypes.c_void_p),
        ("features", ctypes.c_void_p),
    )


class _Interface(ctypes.Structure):
    """Mirror ``gvplugin_api_t``: the engines offered for one interface."""

    _fields_ = (("api", ctypes.c_int), ("types", ctypes.POINTER(_Installed)))


class _Plugin(ctypes.Structure):
    """Mirror ``gvplugin_library_t``."""

    _fields_ = (("name", ctypes.c_char_p), ("interfaces", ctypes.POINTER(_Interface)))


class _Symbol(ctypes.Structure):
    """Mirror ``lt_symlist_t``: a plugin by name."""

    _fields_ = (("name", ctypes.c_char_p), ("address", ctypes.c_void_p))


def _measure(pointer: "ctypes._Pointer[_Span]", _fontpath: int | None) -> bool:
    """Measure one span of text as a monospaced face would set it."""
    span = pointer.contents
    size, text = span.font.contents.size, (span.text or b"").decode("utf-8", "replace")
    span.width = _TEXT["COLUMN"] * size * _TEXT["columns"](text)
    span.height = LINE * size
    span.yoffset_layout = BASELINE * size
    span.yoffset_centerline = RAISE * size
    return True


# Kept at module level: Graphviz holds these addresses for as long as the process lives.
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.POINTER(_Span), ctypes.c_void_p)(_measure)
_ENGINE = ctypes.cast(_CALLBACK, ctypes.c_void_p)  # ``gvtextlayout_engine_t``: one function
_INSTALLED = (_Installed * 2)(
    _Installed(0, b"textlayout", 10, ctypes.addressof(_ENGINE), None), _Installed()
)
_INTERFACES = (_Interface * 2)(_Interface(TEXT_LAYOUT, _INSTALLED), _Interface())
_MONOSPACE = _Plugin(b"monospace", _INTERFACES)


def _find(folder: Path, name: str) -> Path:
    """Find one of the wheel's libraries: libgvc-1a2b.so.7, libgvc.7.dylib or gvc-1a2b.dll."""
    paths = sorted(folder.glob(f"*{name}[-.]*"))
    if not paths:
        raise OSError(f"no {name} library in {folder}")
    return paths[0]


def _library(folder: Path, name: str) -> ctypes.CDLL:
    return ctypes.CDLL(str(_find(folder, name)))


def _libgvc(folder: Path) -> ctypes.CDLL:
    """Load libgvc, where the system has no libexpat with the expat inside Python."""
    path = _find(folder, "gvc")
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        if "libexpat" not in str(error):
            raise
    library: ctypes.CDLL = _names("rendering/_expat.py")["load"](path)
    return library


def _exported(library: ctypes.CDLL, name: str) -> _Symbol:
    symbol = f"gvplugin_{name}_LTX_library"
    address = ctypes.addressof(ctypes.c_char.in_dll(library, symbol))
    return _Symbol(symbol.encode(), address)


class Graphviz:
    """Hold the loaded libraries and Graphviz's context. OSError where they do not load."""

    def __init__(self, folder: Path) -> None:
        add_directory = getattr(os, "add_dll_directory", None)
        if add_directory is not None:  # Windows looks for a library's own libraries there only
            add_directory(str(folder))
        self.cgraph = _library(folder, "cgraph")
        self.gvc = _libgvc(folder)
        self.plugins = (
            _exported(_library(folder, "gvplugin_core"), "core"),
            _exported(_library(folder, "gvplugin_dot_layout"), "dot_layout"),
            _Symbol(b"gvplugin_monospace_LTX_library", ctypes.addressof(_MONOSPACE)),
        )
        pointer = ctypes.c_void_p
        self.cgraph.agmemread.restype = pointer
        self.gvc.gvContextPlugins.restype = pointer
        table = (_Symbol * 4)(*self.plugins, _Symbol())
        # 0: load nothing on demand, so no plugin beyond these three is ever looked for.
        self.context = pointer(self.gvc.gvContextPlugins(table, 0))

    def svg(self, text: bytes) -> bytes | None:
        """Draw DOT text as SVG, or return None where Graphviz reports an error."""
        self.cgraph.agreseterrors()
        graph = ctypes.c_void_p(self.cgraph.agmemread(text))
        if not graph or self.gvc.gvLayout(self.context, graph, b"dot"):
            return None
        data, size = ctypes.c_void_p(), ctypes.c_size_t(0)
        failed = self.gvc.gvRenderData(
            self.context, graph, b"svg", ctypes.byref(data), ctypes.byref(size)
        )
        if failed or self.cgraph.agerrors() > 0:  # the gravest report: 0 a warning, 1 an error
            return None
        return ctypes.string_at(data, size.value)


def main(folder: str, text: bytes) -> tuple[int, bytes]:
    """Return the exit status, and SVG or an error message.

    `text` is DOT in UTF-8 without NUL characters.
    """
    try:
        graphviz = Graphviz(Path(folder))
    except (OSError, ValueError, AttributeError) as error:  # absent, unloadable, or without a name
        return LOADS_NOT, f"{error}\n".encode()
    picture = graphviz.svg(text)
    return (REFUSED, b"") if picture is None else (0, picture)


if __name__ == "__main__":
    status, output = main(sys.argv[1], sys.stdin.buffer.read())
    stream = sys.stderr if status else sys.stdout
    stream.buffer.write(output)
    stream.flush()
    os._exit(status)  # without Graphviz's clean-up: nothing is left to save, and it can fault
