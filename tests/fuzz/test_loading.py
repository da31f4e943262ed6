"""Loading a file runs nothing, and takes no more memory than the file's size justifies."""

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import nn
from nn import serialization
from tests.nn.forging import entry, header, sealed

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
# A character beyond the 16-bit ones makes Python's text four bytes a character, json builds the
# text and the dict of it, and the checksum is computed of a copy.
TIMES = 30
ABOUT = {"architecture": "A()"}
HEAD = json.dumps(header(**ABOUT), separators=(",", ":"))[:-1]  # to which entries can be added


def model_file(entries, data=b"", **about):
    return sealed(header(entries=entries, **{**ABOUT, **about}), data)


def with_entry(text):
    return sealed(f'{HEAD},"w":{text}}}')


def nested(levels):
    return "[" * levels + "]" * levels


HOSTILE = {
    "a million open brackets": with_entry("[" * MEGABYTE),
    "nested as deep as json reads": with_entry(nested(900)),
    "a whole number of a million digits": with_entry("7" * MEGABYTE),
    "a float of a million digits": with_entry("0." + "7" * MEGABYTE),
    "an exponent of a million digits": with_entry("1e" + "7" * MEGABYTE),
    "a long name": model_file({"w" * MEGABYTE: entry()}, bytes(8)),
    "a long name of wide characters": sealed(
        f'{HEAD},"\U0001f600{"w" * MEGABYTE}":{json.dumps(entry())}}}', bytes(8)
    ),
    "a shape of ones": model_file({"w": entry(*[1] * 10_000)}, bytes(8)),
    "a huge shape": model_file({"w": entry(*[2**62] * 1000, end=8)}, bytes(8)),
    "a huge shape of nothing": model_file({"w": entry(0, 2**62)}),
    "a header longer than the file": (2**63).to_bytes(8, "little") + model_file({})[8:],
    "many short names": model_file(
        {str(i): entry(start=8 * i) for i in range(10_000)}, bytes(80_000)
    ),
    "many lists": with_entry("[" + "[]," * 30_000 + "[]]"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_is_in_proportion_to_the_file(tmp_path, name):
    path = tmp_path / "model.safetensors"
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
        with_entry(f'{json.dumps(entry())},"w":{json.dumps(entry())}'),
        "no valid contents",
    ),
    "metadata that come twice": (with_entry('1,"__metadata__":{}'), "truncated or corrupt"),
    "NaN, which JSON has not": (with_entry('{"dtype":"F64","shape":[NaN]}'), "no valid contents"),
    "an architecture that is no text": (model_file({}, architecture=[]), "no valid contents"),
    "a number where an entry belongs": (model_file({"w": 1}), "no valid contents"),
    "a version that is true": (model_file({}, version=True), "not a scalar-autograd model"),
    "an entry with more in it": (
        model_file({"w": {**entry(), "code": "x"}}, bytes(8)),
        "no valid contents",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_two_meanings_or_none_is_refused(tmp_path, name):
    content, message = REFUSED[name]
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        serialization.read(tmp_path / "model.safetensors")


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
    path = tmp_path / "model.safetensors"
    path.write_bytes(model_file({}))
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
