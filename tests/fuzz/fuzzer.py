"""Coverage-guided fuzzing with atheris, and a replay of its corpus without it.

A target takes bytes and raises where something is wrong. `python -m tests.fuzz loader` and
`values` mutate the inputs in ``corpus/``, and keep what found new code in a folder of its own.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"


def inputs(what):
    """Return the inputs of the corpus of a target, by name."""
    return {path.name: path.read_bytes() for path in sorted((CORPUS / what).iterdir())}


def load_bytes(content):
    """Load bytes as a model file: whole, or refused in words."""
    from nn import serialization

    path = Path(tempfile.gettempdir()) / f"fuzzed-{hashlib.sha256(content).hexdigest()[:16]}"
    path.write_bytes(content)
    try:
        architecture, state = serialization.read(path)
        assert type(architecture) is str
        assert all(type(k) is str and type(x) is float for k, x in state.items())
        serialization.write(path, architecture, state)
        again = serialization.read(path)
        assert repr(again) == repr((architecture, state)), "what was loaded comes back"
    except ValueError as error:
        assert str(error).startswith(f"cannot load {path}: "), error
    finally:
        path.unlink(missing_ok=True)


def loader(content):
    """Load bytes as they are, and once more with the right checksum, if they have one."""
    from tests.nn.forging import resealed

    load_bytes(content)
    if b'"checksum":"' in content:
        load_bytes(resealed(content))


def values(content):
    """Do to Values what the bytes say."""
    from tests.fuzz.acts import act

    act(content)


TARGETS = {"loader": loader, "values": values}


def run(what, seconds):
    """Fuzz a target for a while, in a process of its own; return its exit status.

    The plain kernel is what atheris can see into; the other one then meets all that was found.
    """
    with tempfile.TemporaryDirectory() as found:
        command = [
            sys.executable, "-m", "tests.fuzz.fuzzer", what, found, str(CORPUS / what),
            f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=4096", "-max_len=4096",
            f"-artifact_prefix={found}/", "-print_final_stats=1",
        ]  # fmt: skip
        plain = {**os.environ, "AUTOGRAD_KERNEL": "python"}
        status = subprocess.run(command, check=False, env=plain).returncode
        crashes = [path for path in Path(found).iterdir() if path.name.startswith(("crash", "t"))]
        for crash in crashes:
            sys.stdout.write(f"{crash.name}: {crash.read_bytes()[:300]!r}\n")
        replay = [sys.executable, "-m", "tests.fuzz.fuzzer", "--replay", what, found]
        return subprocess.run(replay, check=False).returncode or status


def replay(what, folder):
    """Run a target on all files of a folder."""
    contents = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    for content in contents:
        TARGETS[what](content)
    sys.stdout.write(f"{len(contents)} inputs that were found, replayed on the usual kernel\n")


def main():
    """Run atheris in this process: it does not return."""
    if sys.argv[1] == "--replay":
        return replay(*sys.argv[2:])
    try:
        import atheris  # before this library, whose imports it is to see
    except ImportError:
        sys.exit('this needs atheris: pip install "scalar-autograd[fuzz]"')
    with atheris.instrument_imports(include=["autograd", "nn", "json"]):
        import nn
        from tests.fuzz import acts

        assert nn
        assert acts
    what, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], TARGETS[what])
    return atheris.Fuzz()


if __name__ == "__main__":
    main()
