"""Checkpoint files: a line of JSON and arrays of float64; reading runs no code.

The first line has the format, its version and a CRC-32 of all that follows; the second line is
JSON; then come the arrays, little endian.
"""

import json
import math
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autograd import files
from autograd.errors import brief

FORMAT = "scalar-autograd checkpoint"
VERSION = 1
_NUMBER = np.dtype("<f8")
# What reading a file that somebody made up may raise: a name missing, another type, a number too
# large, nesting too deep.
MALFORMED = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: the settings of a training, where it is, and numbers by name."""

    settings: dict[str, Any]
    progress: dict[str, Any]
    arrays: dict[str, NDArray[np.float64]]


def write(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint, at once or not at all.

    Raises OSError where that fails; a file that had the name is then as it was.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> write(path, Checkpoint({"batch_size": 4}, {"steps": 3}, {"parameters": np.ones(2)}))
    >>> print(Path(path).read_bytes()[:-17].decode())
    scalar-autograd checkpoint 1 ab7a8c2f
    {"settings": {"batch_size": 4}, "progress": {"steps": 3}, "arrays": {"parameters": [2]}}
    """
    arrays = checkpoint.arrays
    contents = {
        "settings": checkpoint.settings,
        "progress": checkpoint.progress,
        "arrays": {name: array.shape for name, array in arrays.items()},
    }
    text = as_json(contents).encode() + b"\n"
    parts = [text, *(np.ascontiguousarray(array, _NUMBER).tobytes() for array in arrays.values())]
    first = f"{FORMAT} {VERSION} {_checksum(parts):08x}\n".encode()
    files.write(path, first, *parts, action="write the checkpoint", is_shared=False)


def as_json(contents: Any) -> str:
    """Write contents in one line, arrays as lists.

    Examples
    --------
    >>> as_json({"key": np.array([1, 2])})
    '{"key": [1, 2]}'
    """
    return json.dumps(contents, default=lambda array: array.tolist())


def read(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint.

    Raises OSError where the file cannot be read, ValueError where it is not a whole checkpoint.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> write(path, Checkpoint({}, {"steps": 3}, {"parameters": np.ones(2)}))
    >>> read(path)
    Checkpoint(settings={}, progress={'steps': 3}, arrays={'parameters': array([1., 1.])})
    """
    with Path(path).open("rb") as file:
        first = file.read(len(FORMAT) + 1)  # of a foreign file, no more than that
        if first != f"{FORMAT} ".encode():
            refuse(path, f"it is not a {FORMAT} file")
        version, _, checksum = file.readline(64).partition(b" ")
        if version != str(VERSION).encode():
            came = version.decode(errors="replace").strip()
            refuse(path, f"it has version {came!r}, this library reads {VERSION}")
        content = file.read()
    if checksum != b"%08x\n" % _checksum([content]):
        refuse(path, "its checksum is wrong: it is truncated or was changed")
    try:
        return _parsed(content)
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error)


def refuse(
    path: str | os.PathLike[str],
    reason: str,
    cause: Exception | None = None,
) -> NoReturn:
    """Raise the one error of all unusable checkpoints.

    Examples
    --------
    >>> refuse("run.ckpt", "it is empty")
    Traceback (most recent call last):
    ValueError: cannot resume from run.ckpt: it is empty
    """
    raise ValueError(f"cannot resume from {os.fspath(path)}: {reason}") from cause


def _parsed(content: bytes) -> Checkpoint:
    """Take the line of JSON and the arrays apart."""
    text, _, numbers = content.partition(b"\n")
    head: dict[str, Any] = json.loads(text)
    flat = np.frombuffer(numbers, _NUMBER).astype(np.float64)
    arrays, place = {}, 0
    for name, shape in head["arrays"].items():
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError(f"{name} has no valid shape")
        size = math.prod(shape)
        arrays[str(name)] = flat[place : place + size].reshape(shape)
        place += size
    if place != len(flat):
        raise ValueError(f"{len(flat)} numbers where there should be {brief(place)}")
    return Checkpoint(dict(head["settings"]), dict(head["progress"]), arrays)


def _checksum(parts: list[bytes]) -> int:
    """Return the CRC-32 of parts one after another; against damage, not against forgery."""
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum
