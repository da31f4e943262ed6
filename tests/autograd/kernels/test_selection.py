"""The choice of the kernel."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

import autograd
from autograd import primitives
from autograd.kernels import selection
from autograd.kernels.selection import KERNELS, chosen, missing
from autograd.primitives import ENTRIES, table_digest


def test_choice(monkeypatch):
    assert autograd.kernel in KERNELS
    for wish, kernel in (("python", "python"), ("", KERNELS[0])):
        monkeypatch.setenv("AUTOGRAD_KERNEL", wish)
        assert chosen("AUTOGRAD_KERNEL", KERNELS) == kernel
    monkeypatch.delenv("AUTOGRAD_KERNEL")
    assert chosen("AUTOGRAD_KERNEL", KERNELS) == KERNELS[0]


def test_an_unknown_kernel(monkeypatch):
    message = r"AUTOGRAD_KERNEL: got a str \('rust'\); allowed: .*'python'; no such thing; unset it"
    monkeypatch.setenv("AUTOGRAD_KERNEL", "rust")
    with pytest.raises(ImportError, match=message):
        chosen("AUTOGRAD_KERNEL", KERNELS, "no such thing")


@pytest.mark.parametrize(("wish", "code"), [("python", 0), ("", 0), ("rust", 1)])
def test_environment_variable(wish, code):
    environment = {**os.environ, "AUTOGRAD_KERNEL": wish, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", "import autograd; print(autograd.kernel)"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert (done.stdout.strip() or done.stderr).startswith((wish or KERNELS[0], "Traceback"))
    assert ("AUTOGRAD_KERNEL: got a str ('rust')" in done.stderr) is bool(code)


def test_kernel_info_says_what_serves():
    info = autograd.kernel_info()
    assert info.kernel == autograd.kernel
    assert info.available == KERNELS
    assert (info.reason == "") is ("native" in KERNELS)


def test_the_reason_of_a_failed_build_is_kept(tmp_path):
    reason = tmp_path / "reason.txt"
    assert missing("autograd.kernels.cython.absent", reason).startswith(
        "ModuleNotFoundError: No module"
    )
    reason.write_text("CompileError: no gcc", encoding="utf-8")
    assert (
        missing("autograd.kernels.cython.absent", reason)
        == "the build failed: CompileError: no gcc"
    )
    assert "another table" in missing("autograd.errors", reason)  # it was imported


@pytest.mark.skipif(missing() != "", reason="needs the compiled kernel")
def test_a_module_compiled_from_another_text_does_not_serve(tmp_path):
    text = tmp_path / "scalar_passes.py"
    text.write_text("NONE = -1\n")
    found = missing("autograd.kernels.cython._passes", text=text)
    assert found == "it was built from another scalar_passes.py; build it again: pip install -e ."


@pytest.mark.skipif("native" not in KERNELS, reason="this install has one kernel")
def test_a_kernel_that_was_built_from_another_table_does_not_serve(monkeypatch):
    assert missing() == ""
    monkeypatch.setattr(selection, "table_digest", lambda: 0)
    assert missing() == (
        "it was built from another table of primitives; build it again: pip install -e ."
    )


def test_tables_are_told_apart(monkeypatch):
    before = table_digest()
    rows = [replace(row, rule="20 * x") if row.name == "square" else row for row in ENTRIES]
    monkeypatch.setattr(primitives, "ENTRIES", tuple(rows))
    assert table_digest() != before
