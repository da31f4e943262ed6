"""A process that saves is killed at random moments: the file is the old model or the new one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_killed_save_leaves_the_old_model_or_the_new_one():
    command = [sys.executable, "-m", "tests.fuzz.kills", "20"]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
    )
    assert run.stdout.endswith(" of them within a save\n"), run.stderr[-2000:]
    kills, within = (int(word) for word in run.stdout.split() if word.isdigit())
    assert kills >= 20
    assert within > 0
