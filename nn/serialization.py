"""Files of numbers: models and checkpoints, in the safetensors format.

A file is eight bytes with the length of its header, the header in JSON, and float64 arrays, little
endian, one after another. Loading runs no code, and other programs read the arrays by name. To what
the format asks, ours add a name, a version and a checksum, in `__metadata__`:

- the name and the version stand at the file's very beginning, so that nothing more is read of a
  foreign file, whatever its size;
- the checksum is the SHA-256 of the whole file as it is with zeros in the checksum's place.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autograd import files
from autograd.errors import brief, shown
from nn._utils import real

MODEL = "scalar-autograd model"
CHECKPOINT = "scalar-autograd checkpoint"
VERSION = 1
MAX_HEADER = 100_000_000  # bytes; safetensors reads no longer ones
_LENGTH = 8  # bytes, of the header's length
_FLOAT64 = np.dtype("<f8")
_NO_CHECKSUM = "0" * 64
# What reading a file that somebody made up may raise: a name missing, another type, a number too
# large, nesting too deep.
MALFORMED = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)


def write(path: str | os.PathLike[str], architecture: str, state: Mapping[str, float]) -> None:
    """Write a model's state to a file, at once or not at all.

    The bytes go to a new file in the same folder, are forced to the disk, and then take the name.
    Raises OSError where that fails; a file that had the name is then as it was. Raises ValueError
    where the names are too many for the format: together they may take 100 MB.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "line.safetensors")
    >>> write(path, "Line()", {"slope": 2.0})
    >>> header = json.loads(Path(path).read_bytes()[8:-8])
    >>> header["slope"]
    {'dtype': 'F64', 'shape': [], 'data_offsets': [0, 8]}
    >>> list(header["__metadata__"])
    ['format', 'version', 'architecture', 'checksum']
    """
    if not isinstance(architecture, str) or not isinstance(state, Mapping):
        raise TypeError(
            "write needs an architecture, a str, and a state, a dict of names and numbers, "
            f"got {shown(architecture)} and {shown(state)}",
        )
    arrays = {name: np.array(real(name, number)) for name, number in state.items()}
    write_arrays(path, MODEL, {"architecture": architecture}, arrays, action="save the model")


def read(path: str | os.PathLike[str]) -> tuple[str, dict[str, float]]:
    """Read a model's architecture and state from a file.

    Raises OSError where the file cannot be read, ValueError where it is not a whole model file.

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
    if "architecture" not in metadata or any(array.ndim for array in arrays.values()):
        refuse(path, "it has no valid parameters", action=action)
    return metadata["architecture"], {name: array.item() for name, array in arrays.items()}


def write_arrays(
    path: str | os.PathLike[str],
    kind: str,
    metadata: Mapping[str, str],
    arrays: Mapping[str, NDArray[np.float64]],
    *,
    action: str,
    is_shared: bool = True,
) -> None:
    """Write arrays by name, with texts about them; see `autograd.files.write` for the rest.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "ones"
    >>> write_arrays(path, "ones", {"of": "two"}, {"a": np.ones(2)}, action="write the ones")
    >>> read_arrays(path, "ones", action="read")
    ({'of': 'two'}, {'a': array([1., 1.])})
    """
    about = {"format": kind, "version": str(VERSION), **metadata, "checksum": _NO_CHECKSUM}
    header: dict[str, object] = {"__metadata__": about}
    end, data = 0, []
    for name, array in arrays.items():
        if name in header:
            raise ValueError(f"an array cannot be named {name!r}, which the file format uses")
        start, end = end, end + array.size * _FLOAT64.itemsize
        header[name] = {"dtype": "F64", "shape": array.shape, "data_offsets": (start, end)}
        data.append(array.astype(_FLOAT64).tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH)  # the arrays begin at a multiple of their items' size
    if len(text) > MAX_HEADER:
        raise ValueError(f"cannot {action}: the names take {len(text)} bytes, more than 100 MB")
    parts = [len(text).to_bytes(_LENGTH, "little"), text, *data]
    parts[1] = text.replace(_entry(_NO_CHECKSUM), _entry(_digest(parts)), 1)
    files.write(path, *parts, action=action, is_shared=is_shared)


def read_arrays(
    path: str | os.PathLike[str], kind: str, *, action: str
) -> tuple[dict[str, str], dict[str, NDArray[np.float64]]]:
    """Read what `write_arrays` wrote: the texts, and the arrays by name.

    Raises OSError where the file cannot be read, ValueError where it is none of this kind, of
    another version, truncated or changed; `action` is what cannot be done then.
    """
    beginning = f'{{"__metadata__":{{"format":"{kind}","version":"'.encode()
    with Path(path).open("rb") as file:
        head = file.read(_LENGTH + len(beginning))
        if head[_LENGTH:] != beginning:
            refuse(path, f"it is not a {kind} file", action=action)
        try:
            content = head + file.read()
        except MemoryError as error:  # a file of holes claims more than there is
            refuse(path, "it is larger than memory", error, action=action)
    length = int.from_bytes(content[:_LENGTH], "little")
    text, data = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
    try:
        header = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_json)
        metadata = header.pop("__metadata__")
        version, checksum = metadata["version"], metadata["checksum"]
        if not all(isinstance(item, str) for item in metadata.values()):
            raise TypeError("the metadata are no texts")
    except MALFORMED as error:
        refuse(path, "it is truncated or corrupt", error, action=action)
    if version != str(VERSION):
        refuse(path, f"it has version {version!r}, this library reads {VERSION}", action=action)
    unsealed = text.replace(_entry(checksum), _entry(_NO_CHECKSUM), 1)
    if checksum != _digest([content[:_LENGTH], unsealed, data]):
        refuse(path, "its checksum is wrong: it is truncated or was changed", action=action)
    try:
        arrays = _arrays(header, data)
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error, action=action)
    own = ("format", "version", "checksum")
    return {name: item for name, item in metadata.items() if name not in own}, arrays


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


def _arrays(header: dict[str, Any], data: bytes) -> dict[str, NDArray[np.float64]]:
    """Cut the data into arrays, which must follow one another without gap or overlap."""
    flat = np.frombuffer(data, _FLOAT64).astype(np.float64)
    arrays, start = {}, 0
    for name, entry in header.items():
        shape = entry["shape"]
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError(f"{name} has no valid shape")
        end = start + math.prod(shape)
        offsets = [start * _FLOAT64.itemsize, end * _FLOAT64.itemsize]
        if entry != {"dtype": "F64", "shape": shape, "data_offsets": offsets}:
            raise ValueError(f"{name} is not a float64 array that follows the one before")
        arrays[name] = flat[start:end].reshape(shape)
        start = end
    if start != len(flat):
        raise ValueError(f"{len(flat)} numbers where there should be {brief(start)}")
    return arrays


def _digest(parts: list[bytes]) -> str:
    """Return the SHA-256 of parts one after another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _entry(checksum: str) -> bytes:
    """Return a checksum's entry in the header; in texts and names its quotes would be escaped."""
    return f'"checksum":"{checksum}"'.encode()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict; a name that comes twice would have two meanings."""
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a name comes twice")
    return result


def _no_json(text: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's reader takes and JSON does not have."""
    raise ValueError(f"{text} is not JSON")
