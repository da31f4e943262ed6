"""Model files: JSON with hexadecimal floats, a version and a checksum; loading runs no code."""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from autograd import files
from autograd.errors import shown
from nn._utils import real

FORMAT = "scalar-autograd model"
VERSION = 1
_HEAD = 256  # bytes; the format's name stands in the first 40, so foreign files are not read whole


def write(path: str | os.PathLike[str], architecture: str, state: Mapping[str, float]) -> None:
    """Write a state to a file, at once or not at all.

    The text goes to a new file in the same folder, is forced to the disk, and then takes the name.
    Raises OSError where that fails; a file that had the name is then as it was.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "line.json")
    >>> write(path, "Line()", {"slope": 2.0})
    >>> print(Path(path).read_text())
    {"format": "scalar-autograd model", "version": 1, "architecture": "Line()",
     "parameters": {"slope": "0x1.0000000000000p+1"}, "checksum": "..."}
    """
    if not isinstance(architecture, str) or not isinstance(state, Mapping):
        raise TypeError(
            "write needs an architecture, a str, and a state, a dict of names and numbers, "
            f"got {shown(architecture)} and {shown(state)}",
        )
    body = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": architecture,
        "parameters": {name: _text(real(name, number)) for name, number in state.items()},
    }
    text = json.dumps({**body, "checksum": _checksum(body, path)}) + "\n"
    files.write(path, text.encode(), action="save the model")


def read(path: str | os.PathLike[str]) -> tuple[str, dict[str, float]]:
    """Read the architecture and the state from a file.

    Raises OSError where the file cannot be read, ValueError where it is not a whole model file.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "line.json")
    >>> write(path, "Line()", {"slope": -0.0})
    >>> read(path)
    ('Line()', {'slope': -0.0})
    """
    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
        if FORMAT.encode() not in head:
            _refuse(path, f"it is not a {FORMAT} file")
        content = head + _rest(file, path)
    try:
        body = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        _refuse(path, "it is truncated or corrupt", error)
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        _refuse(path, f"it is not a {FORMAT} file")
    version = body.get("version")
    if type(version) is not int or version != VERSION:
        came = repr(version) if isinstance(version, int) or version is None else shown(version)
        _refuse(path, f"it has version {came}, this library reads {VERSION}")
    if not _is_text(body.get("architecture"), body.get("parameters")):
        _refuse(path, "it has no valid parameters")
    if body.pop("checksum", None) != _checksum(body, path):
        _refuse(path, "its checksum is wrong, so it was changed or damaged")
    try:
        state = {name: _number(text) for name, text in body["parameters"].items()}
        return body["architecture"], state
    except (ValueError, OverflowError, struct.error) as error:
        _refuse(path, "it has no valid parameters", error)


def _rest(file: BinaryIO, path: str | os.PathLike[str]) -> bytes:
    """Read on; a file of holes may claim more bytes than there is memory."""
    try:
        return file.read()
    except MemoryError as error:
        _refuse(path, "it is larger than memory", error)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict; a name that comes twice would have two meanings."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name comes twice")
    return made


def _no_number(text: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON has not, and no file of ours."""
    raise ValueError(f"{text} is no JSON")


def _is_text(architecture: object, parameters: object) -> bool:
    """Whether all that a model file says is text: then nothing in it is nested."""
    return (
        isinstance(architecture, str)
        and isinstance(parameters, dict)
        and all(isinstance(text, str) for text in parameters.values())
    )


def _refuse(
    path: str | os.PathLike[str],
    reason: str,
    cause: Exception | None = None,
) -> NoReturn:
    """Raise the one error of all unusable files."""
    raise ValueError(f"cannot load {os.fspath(path)}: {reason}") from cause


def _checksum(body: Mapping[str, Any], path: str | os.PathLike[str]) -> str:
    """Hash everything but the checksum itself, in its order."""
    try:
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()
    except RecursionError as error:  # what was read may be nested too deep to be written
        _refuse(path, "it is truncated or corrupt", error)


def _text(number: float) -> str:
    """Write a float so that each of its 64 bits comes back; a NaN has bits of its own."""
    if isnan(number):
        return "nan:" + struct.pack(">d", number).hex()
    return number.hex()


def _number(text: str) -> float:
    """Read what `_text` wrote."""
    if text.startswith("nan:"):
        number: float = struct.unpack(">d", bytes.fromhex(text[4:]))[0]
        return number
    return float.fromhex(text)
