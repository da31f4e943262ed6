"""Load Graphviz's libgvc on a Linux without libexpat, using the copy of expat inside Python.

Why: pygraphviz's wheel expects libexpat.so.1 from the system, as the rules for Linux wheels allow,
and containers with only Python lack it (the official slim images since 3.12.7; Python by uv). No
package on PyPI has a libexpat of that name, and the README promises pictures with only Python.

How: Python contains expat and exports its functions in the capsule ``pyexpat.expat_CAPI``. A copy
of libgvc that depends on the C library instead of libexpat is loaded with lazy binding, and the
addresses of expat's functions are written into its table of imported functions (``.got.plt``, found
through the dynamic section of the ELF file).

If that fails (no glibc, another capsule, a libgvc linked differently), `load` raises an OSError
that says what to install, before any code of libgvc has run. Only `_layout_worker` uses this, in a
process of its own, and only if libgvc does not load by itself: a fault would end that process, and
the error of the picture names it. It needs only the standard library.
"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

NAME = "libexpat.so.1"
# The libraries that libgvc finds beside itself, which a copy of it would not.
_NEIGHBOURS = ("libcdt", "libcgraph", "libpathplan", "libxdot", "libltdl")
# ``struct PyExpat_CAPI`` in Python's pyexpat.h: the magic text, the size of the struct and three
# numbers of expat's version, then pointers to functions, at these positions.
_MAGIC = b"pyexpat.expat_CAPI 1."  # entries are only added at the end within 1
_CAPSULE_HEAD = 24
_CAPSULE = {
    "XML_ErrorString": 0,
    "XML_GetErrorCode": 1,
    "XML_GetCurrentLineNumber": 3,
    "XML_Parse": 4,
    "XML_ParserFree": 6,
    "XML_SetCharacterDataHandler": 7,
    "XML_SetElementHandler": 10,
    "XML_SetUserData": 14,
}
_PARSER_CREATE = 5  # XML_ParserCreate_MM: XML_ParserCreate and two more arguments
_POINTER = ctypes.sizeof(ctypes.c_void_p)
# Numbers of the ELF standard.
_PLTRELSZ, _STRTAB, _SYMTAB, _RELA, _PLTREL, _JMPREL = 2, 5, 6, 7, 20, 23
_RELOCATION, _SYMBOL = 24, 24  # bytes of an entry, 64-bit

_CREATOR = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)
_CREATOR_MM = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_char_p)
_kept: list[object] = []  # callbacks that libgvc holds


def load(libgvc: Path) -> ctypes.CDLL:
    """Load the wheel's libgvc with Python's own expat. OSError where that cannot be done."""
    try:
        addresses = _expat()
        for name in _NEIGHBOURS:
            for path in libgvc.parent.glob(f"{name}-*"):
                ctypes.CDLL(str(path))
        wanted = NAME.encode() + b"\0"
        code = libgvc.read_bytes().replace(wanted, b"libc.so.6".ljust(len(wanted), b"\0"))
        with os.fdopen(os.memfd_create(libgvc.name), "wb") as file:
            file.write(code)
            file.flush()
            handle = _open(f"/proc/self/fd/{file.fileno()}")
        _connect(handle, addresses)
    except (OSError, AttributeError, ImportError, ValueError) as error:
        raise OSError(
            f"the system has no {NAME} (apt-get install libexpat1, dnf install expat), and "
            f"Python's own cannot stand in: {error}"
        ) from None
    return ctypes.CDLL(libgvc.name, handle=handle)


def _open(path: str) -> int:
    """Load a library without looking up its functions; ``ctypes.CDLL`` would at once."""
    libc = ctypes.CDLL(None)
    libc.dlopen.restype = ctypes.c_void_p
    handle = libc.dlopen(path.encode(), os.RTLD_LAZY | os.RTLD_GLOBAL)
    if handle is None:
        raise OSError(f"a libgvc without it does not load from {path}")
    return int(handle)


def _connect(handle: int, addresses: dict[str, int]) -> None:
    """Write expat's addresses into the table of functions that a loaded library calls."""
    slots = {name: slot for name, slot in _slots(handle) if name.startswith("XML_")}
    if not slots or not slots.keys() <= addresses.keys():
        missing = ", ".join(sorted(slots.keys() - addresses.keys())) or "no function of it"
        raise ValueError(f"libgvc calls {missing}")
    for name, slot in slots.items():
        slot.value = addresses[name]


def _expat() -> dict[str, int]:
    """Read the addresses of expat's functions from Python's capsule."""
    import pyexpat  # noqa: PLC0415 - an extension module that only this path needs

    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    capsule = get(pyexpat.expat_CAPI, b"pyexpat.expat_CAPI")
    magic = ctypes.string_at(ctypes.c_void_p.from_address(capsule).value or 0)
    count = 1 + max(_CAPSULE.values())
    size = ctypes.c_int.from_address(capsule + _POINTER).value
    if not magic.startswith(_MAGIC) or size < _CAPSULE_HEAD + count * _POINTER:
        raise ValueError(f"its functions are in a capsule {magic.decode()!r} of {size} bytes")
    functions = (ctypes.c_void_p * count).from_address(capsule + _CAPSULE_HEAD)
    create_mm = _CREATOR_MM(functions[_PARSER_CREATE] or 0)
    create = _CREATOR(lambda encoding: create_mm(encoding, None, None))
    _kept.append(create)
    own = ctypes.cast(create, ctypes.c_void_p).value or 0
    addresses = {name: functions[position] or 0 for name, position in _CAPSULE.items()}
    return {**addresses, "XML_ParserCreate": own}


def _slots(handle: int) -> Iterator[tuple[str, ctypes.c_void_p]]:
    """Yield the functions that a loaded library imports, each with the slot of its address."""
    # glibc: a handle is the address of a ``link_map``, which begins with the load address, the name
    # and the address of the dynamic section.
    base, _, dynamic = (ctypes.c_size_t * 3).from_address(handle)
    section: dict[int, int] = {}
    while tag := ctypes.c_int64.from_address(dynamic).value:
        section[tag] = ctypes.c_size_t.from_address(dynamic + _POINTER).value
        dynamic += 2 * _POINTER
    if section.get(_PLTREL) != _RELA:
        raise ValueError("libgvc has no table of imported functions, or one of another kind")
    for start in range(0, section[_PLTRELSZ], _RELOCATION):
        offset, info = (ctypes.c_uint64 * 2).from_address(section[_JMPREL] + start)
        symbol = section[_SYMTAB] + (info >> 32) * _SYMBOL
        name = section[_STRTAB] + ctypes.c_uint32.from_address(symbol).value
        yield ctypes.string_at(name).decode(), ctypes.c_void_p.from_address(base + offset)
