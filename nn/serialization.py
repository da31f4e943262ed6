"""Serialization of models and checkpoints, in the safetensors format.

A file is eight bytes with the length of its header, the header in JSON, and float64 arrays, little
endian, one after another. Loading runs no code, and other programs read the arrays by name. The
format leaves open what is in ``__metadata__``; here it is a name, a version, a checksum, and texts:

- the name and the version are at the very beginning of the file, so that no more is read of a
  foreign file, whatever its size;
- the checksum is the CRC-32 of the whole file with zeros in place of the checksum: it protects from
  corruption, not from forgery;
- the header is byte for byte what `_header` writes, so that a file has only one interpretation.
"""

import json
import math
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autograd import files
from autograd._checks import check_type, real_number
from autograd.errors import brief

MODEL = "scalar-autograd model"
CHECKPOINT = "scalar-autograd checkpoint"
VERSION = 1
MAX_HEADER = 100_000_000  # bytes; safetensors reads no longer ones
_METADATA = "__metadata__"
_LENGTH = 8  # bytes, of the header's length
_FLOAT64 = np.dtype("<f8")
_NO_CHECKSUM = "00000000"
# What reading a forged file may raise: for a missing name, another type, a number too large,
# nesting too deep.
MALFORMED = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)


def write(path: str | os.PathLike[str], architecture: str, state: Mapping[str, float]) -> None:
    """Write a model's state to a file, atomically.

    Numbers named ``w.0``, ``w.1``, ... become one array ``w`` in the file, any other number a 0-d
    array.

    The bytes go to a temporary file in the same folder, which is synced to disk and renamed. Raises
    OSError if that fails; an existing file is then unchanged. Raises ValueError if the names are
    longer than the format allows: 100 MB together.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "line.safetensors")
    >>> write(path, "Line()", {"w.0": 2.0, "w.1": 3.0, "b": 1.0})
    >>> header = json.loads(Path(path).read_bytes()[8:-24])
    >>> list(header["__metadata__"])
    ['format', 'version', 'architecture', 'checksum']
    >>> header["w"], header["b"]
    ({'dtype': 'F64', 'shape': [2], 'data_offsets': [0, 16]},
     {'dtype': 'F64', 'shape': [], 'data_offsets': [16, 24]})
    """
    check_type("architecture", architecture, str, "a str")
    check_type("state", state, Mapping, "a dict of names and numbers")
    for name in state:
        check_type("state", name, str, "names that are str")
    arrays = _joined(
        {name: real_number(name, number, finite=False) for name, number in state.items()}
    )
    write_arrays(path, MODEL, {"architecture": architecture}, arrays, action="save the model")


def read(path: str | os.PathLike[str]) -> tuple[str, dict[str, float]]:
    """Read a model's architecture and state from a file.

    Raises OSError if the file cannot be read, ValueError if it is not a whole model file.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "line.safetensors")
    >>> write(path, "Line()", {"slope": -0.0})
    >>> read(path)
    ('Line()', {'slope': -0.0})
    """
    action = "load"
    metadata, arrays = read_arrays(path, MODEL, action=action)
    state = _divided(arrays)
    if "architecture" not in metadata or len(state) != sum(a.size for a in arrays.values()):
        refuse(path, "it has no valid parameters", action=action)
    return metadata["architecture"], state


def _joined(state: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
    """Join numbers named w.0, w.1, ... one after another into an array w, if no other has its name.

    Thousands of arrays of a single number would make files large and slow to read.
    """
    parts: dict[str, list[float]] = {}
    scalars: set[str] = set()
    last: str | None = None  # the array that goes on
    for name, number in state.items():
        stem, dot, index = name.rpartition(".")
        if dot and stem == last and index == str(len(parts[stem])):
            parts[stem].append(number)
        elif dot and index == "0" and not (stem in state or stem in parts or stem == _METADATA):
            parts[stem], last = [number], stem
        else:
            parts[name], last = [number], None
            scalars.add(name)
    return {
        name: np.array(numbers[0] if name in scalars else numbers)
        for name, numbers in parts.items()
    }


def _divided(arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Split arrays into named numbers, the inverse of `_joined`."""
    state: dict[str, float] = {}
    for name, array in arrays.items():
        if array.ndim == 0:
            state[name] = array.item()
        elif array.ndim == 1:
            state.update((f"{name}.{i}", number) for i, number in enumerate(array.tolist()))
    return state


def write_arrays(
    path: str | os.PathLike[str],
    kind: str,
    metadata: Mapping[str, str],
    arrays: Mapping[str, NDArray[np.float64]],
    *,
    action: str,
    is_shared: bool = True,
) -> None:
    """Write named arrays and texts to a file; for the other arguments see `autograd.files.write`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "ones"
    >>> write_arrays(path, "ones", {"of": "two"}, {"a": np.ones(2)}, action="write the ones")
    >>> read_arrays(path, "ones", action="read")
    ({'of': 'two'}, {'a': array([1., 1.])})
    """
    about = {"format": kind, "version": str(VERSION), **metadata, "checksum": _NO_CHECKSUM}
    if _METADATA in arrays:
        raise ValueError(f"an array cannot be named {_METADATA!r}, which the file format uses")
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    header = _header(about, shapes)
    if len(header) > MAX_HEADER:
        raise ValueError(f"cannot {action}: the names take {len(header)} bytes, more than 100 MB")
    length = len(header).to_bytes(_LENGTH, "little")
    data = b"".join([array.astype(_FLOAT64).tobytes() for array in arrays.values()])
    sealed = _with_checksum(header, _NO_CHECKSUM, _checksum(length, header, data))
    files.write(path, length, sealed, data, action=action, is_shared=is_shared)


def read_arrays(
    path: str | os.PathLike[str], kind: str, *, action: str
) -> tuple[dict[str, str], dict[str, NDArray[np.float64]]]:
    """Read a file of `write_arrays`: the texts, and the arrays by name.

    Raises OSError if the file cannot be read, ValueError if it is of another kind or version,
    truncated or corrupt; ``action`` says in the error what it was read for.
    """
    content = _content(path, kind, action)
    length = int.from_bytes(content[:_LENGTH], "little")
    text, data = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
    try:
        if len(text) < length:
            raise ValueError("the file ends within its header")
        entries = json.loads(text)
        about = entries.pop(_METADATA)
        version = about["version"]
    except MALFORMED as error:
        refuse(path, "it is truncated or corrupt", error, action=action)
    if version != str(VERSION):
        refuse(path, f"it has version {version!r}, this library reads {VERSION}", action=action)
    try:
        shapes = {name: _shape(entry) for name, entry in entries.items()}
        checksum = _checked_metadata(about)["checksum"]
        if text != _header(about, shapes):  # a name comes twice, arrays overlap, there is more, ...
            raise ValueError("the header is not as it is written here")
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error, action=action)
    unsealed = _with_checksum(text, checksum, _NO_CHECKSUM)
    if checksum != _checksum(content[:_LENGTH], unsealed, data):
        refuse(path, "its checksum is wrong: it is truncated or was changed", action=action)
    try:
        arrays = _arrays(shapes, data)
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error, action=action)
    own = ("format", "version", "checksum")
    return {name: item for name, item in about.items() if name not in own}, arrays


def refuse(
    path: str | os.PathLike[str], reason: str, cause: Exception | None = None, *, action: str
) -> NoReturn:
    """Raise the one error of all unusable files.

    Examples
    --------
    >>> refuse("run.ckpt", "it is empty", action="resume from")
    Traceback (most recent call last):
    ValueError: cannot resume from run.ckpt: it is empty
    """
    raise ValueError(f"cannot {action} {os.fspath(path)}: {reason}") from cause


def _content(path: str | os.PathLike[str], kind: str, action: str) -> bytes:
    """Read a file of one kind; of any other file, only the beginning."""
    beginning = f'{{"{_METADATA}":{{"format":"{kind}","version":"'.encode()
    with Path(path).open("rb") as file:
        head = file.read(_LENGTH + len(beginning))
        if head[_LENGTH:] != beginning:
            refuse(path, f"it is not a {kind} file", action=action)
        try:
            return head + file.read()
        except MemoryError as error:  # a file of holes claims more than there is
            refuse(path, "it is larger than memory", error, action=action)


def _checked_metadata(about: Any) -> dict[str, str]:
    """Return metadata, all of which must be texts."""
    texts: dict[str, str] = about
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("the metadata are not all texts")
    return texts


def _header(about: Mapping[str, str], shapes: Mapping[str, list[int]]) -> bytes:
    """Return a file's header; the same texts and shapes always give the same bytes."""
    entries: dict[str, object] = {_METADATA: about}
    start = 0
    for name, shape in shapes.items():
        end = start + math.prod(shape) * _FLOAT64.itemsize
        entries[name] = {"dtype": "F64", "shape": shape, "data_offsets": [start, end]}
        start = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % _LENGTH)  # the arrays begin at a multiple of their item size


def _shape(entry: Any) -> list[int]:
    """Return the shape in an array's entry, checked."""
    shape: list[int] = entry["shape"]
    if shape != [] and not (
        isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)
    ):
        raise ValueError("an array has no valid shape")
    return shape


def _arrays(shapes: Mapping[str, list[int]], data: bytes) -> dict[str, NDArray[np.float64]]:
    """Cut the data into arrays."""
    flat = np.frombuffer(data, _FLOAT64).astype(np.float64)
    arrays, start = {}, 0
    for name, shape in shapes.items():
        end = start + math.prod(shape)
        arrays[name] = flat[start:end].reshape(shape)
        start = end
    if start != len(flat):
        raise ValueError(f"{len(flat)} numbers where there should be {brief(start)}")
    return arrays


def _checksum(*parts: bytes) -> str:
    """Return the CRC-32 of parts one after another, in hexadecimal digits."""
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return f"{checksum:08x}"


def _with_checksum(header: bytes, old: str, new: str) -> bytes:
    """Replace a header's checksum; in texts and names, the quotes of its entry are escaped."""
    return header.replace(f'"checksum":"{old}"'.encode(), f'"checksum":"{new}"'.encode(), 1)
