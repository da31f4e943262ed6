"""Python's own expat in place of a missing libexpat. Linux only, as the need is."""

import ctypes
import os
import pyexpat
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from viz.rendering import _expat, engines
from viz.rendering.engines import bundled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the way of glibc")

LIBGVC = next(iter(Path(bundled().command[-1]).glob("libgvc-*")), Path("libgvc-none"))


ADVICE = r"the system has no libexpat\.so\.1 \(apt-get install libexpat1, .* cannot stand in: "


def _refusing() -> str:
    """Write the worker as it runs where libgvc does not load for want of libexpat."""
    worker = Path(_expat.__file__).with_name("_layout_worker.py")
    return (
        "import ctypes, os, runpy, sys\n"
        "class Refusing(ctypes.CDLL):\n"
        "    def __init__(self, name, *rest, handle=None):\n"
        "        if name == sys.argv[2] and handle is None:\n"
        "            raise OSError('libexpat.so.1: cannot open shared object file')\n"
        "        super().__init__(name, *rest, handle=handle)\n"
        "ctypes.CDLL = Refusing\n"
        f"runpy.run_path({str(worker)!r}, run_name='__main__')\n"
    )


def test_every_function_of_expat_that_libgvc_calls_is_provided():
    library = _expat.load(LIBGVC)
    slots = dict(_expat._slots(library._handle))
    wanted = [name for name in slots if name.startswith("XML_")]
    provided = _expat._expat()
    assert len(wanted) == 9
    assert set(wanted) == set(provided)
    names = [name for name in wanted if name != "XML_ParserCreate"]  # a new callback each time
    assert [slots[name].value for name in names] == [provided[name] for name in names]


def test_the_addresses_belong_to_an_expat_that_parses():
    addresses = _expat._expat()
    create = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(addresses["XML_ParserCreate"])
    parse = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int
    )(addresses["XML_Parse"])
    free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(addresses["XML_ParserFree"])
    for text, status in ((b"<a>1</a>", 1), (b"<a>1</b>", 0)):
        parser = create(None)
        assert parse(parser, text, len(text), 1) == status
        free(parser)


def test_a_picture_drawn_in_a_process_of_its_own_is_the_same(tmp_path):
    dot = tmp_path / "a.dot"
    dot.write_text("digraph { a [label=<<TABLE><TR><TD><I>σ</I> &lt; 1</TD></TR></TABLE>>] }")
    script = tmp_path / "shim.py"
    script.write_text(_refusing())
    normal = subprocess.run(
        bundled().command, input=dot.read_bytes(), capture_output=True, check=True
    )
    shimmed = subprocess.run(
        [sys.executable, "-I", "-S", script, str(LIBGVC.parent), str(LIBGVC)],
        input=dot.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert shimmed.stdout == normal.stdout
    assert b"</svg>" in normal.stdout
    assert shimmed.stderr == b""


def test_a_library_that_does_not_load(tmp_path):
    with pytest.raises(OSError, match=r"^a libgvc without it does not load from .*/libgvc-1\.so"):
        _expat._open(str(tmp_path / "libgvc-1.so"))


def test_a_python_without_the_capsule(monkeypatch):
    monkeypatch.delattr(pyexpat, "expat_CAPI")
    with pytest.raises(OSError, match=ADVICE + r".*no attribute 'expat_CAPI'"):
        _expat.load(LIBGVC)


def test_a_capsule_of_another_layout(monkeypatch):
    monkeypatch.setattr(_expat, "_MAGIC", b"pyexpat.expat_CAPI 2.")
    with pytest.raises(OSError, match=ADVICE + r".*'pyexpat\.expat_CAPI 1\.\d' of \d+ bytes"):
        _expat.load(LIBGVC)


def test_a_capsule_that_is_too_short(monkeypatch):
    monkeypatch.setitem(_expat._CAPSULE, "XML_SetUserData", 1000)
    with pytest.raises(OSError, match=ADVICE + r".* of \d+ bytes"):
        _expat.load(LIBGVC)


def test_a_function_that_python_does_not_hand_out(monkeypatch):
    slot = ctypes.c_void_p(7)
    calls = {"XML_Parse": slot, "XML_New": slot, "puts": slot}
    monkeypatch.setattr(_expat, "_slots", lambda _: calls.items())
    with pytest.raises(ValueError, match=r"^libgvc calls XML_New$"):
        _expat._connect(0, _expat._expat())
    assert slot.value == 7  # nothing was written


def test_a_library_that_calls_nothing_of_expat():
    with pytest.raises(ValueError, match=r"^libgvc calls no function of it$"):
        _expat._connect(ctypes.CDLL(None)._handle, {})


def test_a_table_of_another_kind(monkeypatch):
    monkeypatch.setattr(_expat, "_RELA", 17)
    with pytest.raises(ValueError, match="libgvc has no table of imported functions"):
        _expat._connect(ctypes.CDLL(None)._handle, {})


def test_a_system_without_memory_files(monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    with pytest.raises(OSError, match=ADVICE + r".*memfd_create"):
        _expat.load(LIBGVC)


def test_the_user_is_told_what_to_install(tmp_path, monkeypatch):
    worker = tmp_path / "worker.py"
    worker.write_text("import pyexpat\ndel pyexpat.expat_CAPI\n" + _refusing())
    command = (sys.executable, "-I", "-S", str(worker), str(LIBGVC.parent), str(LIBGVC))
    monkeypatch.setattr(engines, "bundled", lambda: engines.LayoutEngine("pygraphviz", command))
    with pytest.raises(engines.RenderError) as caught:
        engines.graphviz_svg("digraph {}", engine="bundled")
    message = str(caught.value)
    assert re.search(r"pygraphviz: the system has no libexpat\.so\.1 \(apt-get install", message)
    assert "\n" not in message


def test_the_module_can_be_run_by_path_alone():
    assert "load" in runpy.run_path(_expat.__file__)
