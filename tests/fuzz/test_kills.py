"""A process that saves is killed at random moments: the file is the old model or the new one."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_killed_save_leaves_the_old_model_or_the_new_one():
    command = [sys.executable, str(Path(__file__).with_name("kills.py")), "20"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.stdout.startswith("20 kills survived, "), run.stderr[-2000:]
    assert int(run.stdout.split()[3]) > 0, "no kill came within a save"
