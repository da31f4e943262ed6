"""Loading a file runs nothing, and takes no more memory than the file's size justifies."""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import nn
from nn import serialization

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
# A character beyond the 16-bit ones makes Python's text four bytes a character, json builds the
# text, the dict of it and the text for the checksum.
TIMES = 30


def sealed(text):
    """Return a file whose checksum is right, of the text of its other entries."""
    body = json.loads(f"{{{text}}}")
    checksum = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    return f'{{{text}, "checksum": "{checksum}"}}'.encode()


def model_file(parameters, architecture='"A()"', more=""):
    return sealed(
        f'"format": "{serialization.FORMAT}", "version": 1, "architecture": {architecture}, '
        f'"parameters": {parameters}{more}'
    )


def nested(levels):
    return "[" * levels + "]" * levels


HEAD = f'{{"format": "{serialization.FORMAT}", "version": 1, "architecture": "A()", '.encode()
HOSTILE = {
    "a million open brackets": HEAD + b'"parameters": ' + b"[" * MEGABYTE,
    "nested as deep as json reads": HEAD + b'"x": ' + nested(900).encode() + b"}",
    "a whole number of a million digits": HEAD + b'"parameters": ' + b"7" * MEGABYTE + b"}",
    "a float of a million digits": HEAD + b'"parameters": 0.' + b"7" * MEGABYTE + b"}",
    "an exponent of a million digits": HEAD + b'"parameters": 1e' + b"7" * MEGABYTE + b"}",
    "a long name": model_file('{"' + "w" * MEGABYTE + '": "0x1"}'),
    "a long name of wide characters": model_file('{"\U0001f600' + "w" * MEGABYTE + '": "0x1"}'),
    "a hexadecimal number of a million digits": model_file('{"w": "0x' + "1" * MEGABYTE + '"}'),
    "a hexadecimal number of a million zeros": model_file('{"w": "0x0.' + "0" * MEGABYTE + '1"}'),
    "a huge exponent": model_file('{"w": "0x1p' + "9" * 1000 + '"}'),
    "a long nan": model_file('{"w": "nan:' + "0" * MEGABYTE + '"}'),
    "many short names": model_file(json.dumps({str(i): "0x1" for i in range(10_000)})),
    "many lists": HEAD + b'"parameters": [' + b"[]," * 30_000 + b"[]]}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_is_in_proportion_to_the_file(tmp_path, name):
    path = tmp_path / "model.json"
    path.write_bytes(HOSTILE[name])
    tracemalloc.start()
    try:
        serialization.read(path)
    except ValueError as error:
        assert str(error).startswith(f"cannot load {path}: ")
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < TIMES * len(HOSTILE[name]) + MEGABYTE


REFUSED = {
    "a name that comes twice": (
        HEAD + b'"parameters": {"w": "0x1", "w": "0x2"}, "checksum": ""}',
        "truncated or corrupt",
    ),
    "an entry that comes twice": (HEAD + b'"version": 2}', "truncated or corrupt"),
    "NaN, which JSON has not": (HEAD + b'"parameters": NaN}', "truncated or corrupt"),
    "an architecture that is no text": (model_file("{}", architecture="[]"), "no valid parameters"),
    "a number where text belongs": (model_file('{"w": 1}'), "no valid parameters"),
    "a version that is true": (
        sealed(f'"format": "{serialization.FORMAT}", "version": true'),
        "it has version True, this library reads 1",
    ),
    "a version of lists": (
        sealed(f'"format": "{serialization.FORMAT}", "version": {nested(900)}'),
        "it has version a list of 1, this library reads 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_two_meanings_or_none_is_refused(tmp_path, name):
    content, message = REFUSED[name]
    (tmp_path / "model.json").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        serialization.read(tmp_path / "model.json")


def test_entries_nested_too_deep_to_be_hashed_are_refused(tmp_path, monkeypatch):
    def too_deep(_body):
        raise RecursionError

    path = tmp_path / "model.json"
    path.write_bytes(model_file("{}"))
    monkeypatch.setattr(json, "dumps", too_deep)
    with pytest.raises(ValueError, match="truncated or corrupt"):
        serialization.read(path)


LIMITED = """
import resource, sys
import nn
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30,) * 2)
try:
    nn.Neuron(1).load(sys.argv[1])
except ValueError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory that holds")
def test_a_file_of_holes_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(HEAD)
    os.truncate(path, 2**34)  # 16 GiB, of which the disk holds nothing
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.stdout == f"cannot load {path}: it is larger than memory\n", run.stderr[-2000:]


WATCHED = """
import sys
import nn

seen = []
model = nn.Neuron(1)
files = sys.argv[1:]
HARMLESS = {"open", "builtins.id", "object.__getattr__", "sys._getframe"}
sys.addaudithook(lambda event, args: seen.append((event, str(args)[:200])))
for file in files:
    try:
        model.load(file)
    except ValueError:
        pass
found = [(event, args) for event, args in seen if event not in HARMLESS]
opened = [args for event, args in seen if event == "open"]
assert not found, found[:5]
assert len(opened) == len(files), opened
print("nothing ran")
"""


def test_loading_runs_nothing(tmp_path):
    nn.Neuron(1).save(tmp_path / "0")
    contents = [*HOSTILE.values(), *(content for content, _ in REFUSED.values())]
    for i, content in enumerate(contents, 1):
        (tmp_path / str(i)).write_bytes(content)
    files = [str(tmp_path / str(i)) for i in range(len(contents) + 1)]
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, *files],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.stdout == "nothing ran\n", run.stderr[-2000:]
