"""Python's own expat in place of a missing libexpat. Linux only, as the need is."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from viz.rendering import _expat
from viz.rendering.engines import bundled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the way of glibc")

LIBGVC = next(iter(Path(bundled().command[-1]).glob("libgvc-*")), Path("libgvc-none"))


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
    ctypes = _expat.ctypes
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
    worker = Path(_expat.__file__).with_name("_layout_worker.py")
    # The worker, made to believe that libgvc does not load for want of libexpat.
    script.write_text(
        "import ctypes, os, runpy, sys\n"
        "class Refusing(ctypes.CDLL):\n"
        "    def __init__(self, name, *rest, handle=None):\n"
        "        if name == sys.argv[2] and handle is None:\n"
        "            raise OSError('libexpat.so.1: cannot open shared object file')\n"
        "        super().__init__(name, *rest, handle=handle)\n"
        "ctypes.CDLL = Refusing\n"
        f"runpy.run_path({str(worker)!r}, run_name='__main__')\n"
    )
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
    with pytest.raises(OSError, match=r"libexpat\.so\.1 is absent, and a libgvc without it"):
        _expat._open(str(tmp_path / "libgvc-1.so"))


def test_the_module_can_be_run_by_path_alone():
    assert "load" in runpy.run_path(_expat.__file__)
