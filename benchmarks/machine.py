"""What this runs on, and the Python apart that one peer needs."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

APART = ("autograd>=1.7", "scipy>=1.11")


def machine() -> str:
    """Describe processor, cores, system and Python in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {python}"


def cache() -> Path:
    """Return the folder of the environment apart, one for each Python."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Path(home) / "scalar-autograd" / f"hips-{version}"


def python_apart(folder: Path) -> str:
    """Return the Python of an environment that has HIPS autograd; make it if it is not there.

    Raises subprocess.CalledProcessError if it cannot be made; nothing is left behind then.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.exists():
        return str(python)
    try:
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", *APART],
        ):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return str(python)
