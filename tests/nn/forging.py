"""Files in the format of `nn.serialization` that somebody made up, with the right checksum."""

import json
import zlib

from nn import serialization

ZEROS = "00000000"


def header(kind=serialization.MODEL, entries=None, **metadata):
    """Return the header of a file of a kind; metadata of None are left out."""
    about = {"format": kind, "version": str(serialization.VERSION), **metadata, "checksum": ZEROS}
    about = {name: item for name, item in about.items() if item is not None}
    return {"__metadata__": about, **(entries or {})}


def entry(*shape, start=0, end=None):
    """Return the entry of a float64 array."""
    size = 8
    for length in shape:
        size *= length
    return {
        "dtype": "F64",
        "shape": list(shape),
        "data_offsets": [start, start + size if end is None else end],
    }


def sealed(text, data=b""):
    """Return a file of a header, as a dict or in JSON, with the checksum that it should have."""
    if not isinstance(text, str | bytes):
        text = json.dumps(text, separators=(",", ":"))
        text += " " * (-len(text) % 8)
    text = text if isinstance(text, bytes) else text.encode()
    return resealed(len(text).to_bytes(8, "little") + text + data)


def resealed(content):
    """Return a file with the checksum that it should have, in the place where it is."""
    start = content.find(b'"checksum":"') + len(b'"checksum":"')
    before, after = content[:start], content[start + len(ZEROS) :]
    return before + b"%08x" % zlib.crc32(before + ZEROS.encode() + after) + after


def opened(content):
    """Return the header of a file, without its checksum, and its data."""
    end = 8 + int.from_bytes(content[:8], "little")
    head = json.loads(content[8:end])
    head["__metadata__"]["checksum"] = ZEROS
    return head, content[end:]
