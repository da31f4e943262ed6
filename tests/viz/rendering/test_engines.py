import os
import shutil
import signal
import stat
import sys
import time
import types
from pathlib import Path

import pytest

import viz
from autograd import Value
from viz.rendering import engines
from viz.rendering.engines import EngineUnavailable, LayoutEngine, RenderError, graphviz_svg

TEXT = "digraph { a -> b }"
posix = pytest.mark.skipif(os.name != "posix", reason="fake programs are shell scripts")


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch):
    monkeypatch.delenv(engines.ENVIRONMENT, raising=False)
    monkeypatch.delenv(engines.TIMEOUT, raising=False)


@pytest.fixture
def program(tmp_path):
    """Make an executable of a shell script."""

    def make(script, name="dot"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


@pytest.fixture
def on_path(program, tmp_path, monkeypatch):
    """Make a `dot` of a shell script, the only one on the PATH."""

    def make(script):
        monkeypatch.setenv("PATH", str(tmp_path))
        return program(script)

    return make


def bundled_that_runs(script):
    """Give the bundled engine another worker."""
    return LayoutEngine("pygraphviz", (sys.executable, "-c", script))


def test_the_bundled_graphviz_draws_in_silence(capfd):
    svg = graphviz_svg(TEXT, engine="bundled")
    assert svg.rstrip().endswith("</svg>")
    assert svg.count('class="node"') == 2
    assert capfd.readouterr() == ("", "")


def test_the_bundled_graphviz_is_deterministic():
    assert graphviz_svg(TEXT, engine="bundled") == graphviz_svg(TEXT, engine="bundled")


def test_warnings_of_the_c_library_do_not_show(capfd):
    # An unknown colour and shape: Graphviz draws, and warns on stderr.
    graphviz_svg("digraph { a [shape=nosuch, color=nosuch] }", engine="bundled")
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(shutil.which("dot") is None, reason="no dot on this machine")
def test_a_real_system_dot():
    assert 'class="node"' in graphviz_svg(TEXT, engine="system")


@posix
def test_a_system_dot_comes_first(on_path, capfd):
    on_path("echo a warning >&2; echo '<svg>from dot</svg>'")
    assert graphviz_svg(TEXT) == "<svg>from dot</svg>\n"
    assert capfd.readouterr() == ("", "")


@posix
def test_a_system_dot_gets_the_text_and_the_format(on_path):
    on_path('echo "$@"; while read -r line; do echo "$line"; done; echo "</svg>"')
    assert graphviz_svg("digraph { σ }\n") == "-Tsvg\ndigraph { σ }\n</svg>\n"


@posix
@pytest.mark.parametrize(
    "script",
    [
        "echo 'Error: There is no layout engine support for \"dot\"' >&2; exit 1",
        "echo 'dot: error while loading shared libraries: libgvc.so.6' >&2; exit 127",
        "kill -SEGV $$",
        "exit 0",  # and no picture
    ],
)
def test_a_broken_system_dot_is_passed_over(script, on_path, capfd):
    on_path(script)
    assert 'class="node"' in graphviz_svg(TEXT)
    assert capfd.readouterr() == ("", "")


def test_without_a_system_dot_the_bundled_one_draws(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert 'class="node"' in graphviz_svg(TEXT)


@posix
def test_the_environment_chooses(program, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_DOT", str(program("echo '<svg>chosen</svg>'", "mine")))
    assert graphviz_svg(TEXT) == "<svg>chosen</svg>\n"
    assert 'class="node"' in graphviz_svg(TEXT, engine="bundled")  # the argument wins


@posix
def test_bundled_in_the_environment_passes_over_a_system_dot(on_path, monkeypatch):
    on_path("echo '<svg>from dot</svg>'")
    monkeypatch.setenv("AUTOGRAD_DOT", "bundled")
    assert 'class="node"' in graphviz_svg(TEXT)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("nosuchdot", "no executable 'nosuchdot' on PATH"),
        ("/no/such/dot", "no executable '/no/such/dot'"),
        ("system", "no executable 'dot' on PATH"),
    ],
)
def test_a_choice_that_is_absent_is_an_error(choice, reason, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError) as caught:
        graphviz_svg(TEXT, engine=choice)
    assert str(caught.value) == f"no Graphviz engine works here ({reason}): {engines.ADVICE}"


def test_with_no_engine_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RenderError) as caught:
        graphviz_svg(TEXT)
    message = str(caught.value)
    assert "\n" not in message
    assert message == (
        "no Graphviz engine works here (no executable 'dot' on PATH; pygraphviz is not"
        " installed): install Graphviz (apt-get install graphviz, brew install graphviz, or"
        " graphviz.org/download); the DOT text can still be saved"
    )


def test_a_pygraphviz_built_without_libraries(tmp_path, monkeypatch):
    spec = types.SimpleNamespace(origin=str(tmp_path / "pygraphviz" / "__init__.py"))
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(EngineUnavailable, match="not from a wheel"):
        engines.bundled()


@pytest.mark.parametrize("where", ["pygraphviz.libs", "pygraphviz/.dylibs"])
def test_where_wheels_keep_libraries(where, tmp_path, monkeypatch):
    (tmp_path / where).mkdir(parents=True)
    spec = types.SimpleNamespace(origin=str(tmp_path / "pygraphviz" / "__init__.py"))
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda _: spec)
    assert Path(engines.bundled().command[-1]) == tmp_path / where


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("digraph { a -> ", "syntax error in line 1"),
        ("digraph { a [label=<<B>x</TABLE>>] }", "mismatched tag in line 1"),
        ("", "no graph"),
    ],
)
def test_text_that_is_not_dot(text, message, capfd):
    with pytest.raises(RenderError, match=f"^Graphviz cannot draw this DOT text: {message}$"):
        graphviz_svg(text, engine="bundled")
    assert capfd.readouterr() == ("", "")


@posix
def test_a_system_dot_that_refuses_the_text_is_believed(on_path):
    on_path("echo \"Error: <stdin>: syntax error in line 1 near '->'\" >&2; exit 1")
    with pytest.raises(
        RenderError, match=r"^Graphviz cannot draw this DOT text: syntax error in line 1 near '->'$"
    ):
        graphviz_svg(TEXT)


@posix
@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGABRT, "SIGABRT")]
)
def test_a_fault_of_the_library_is_an_error_of_ours(number, name, monkeypatch, capfd):
    worker = bundled_that_runs(f"import os; os.kill(os.getpid(), {int(number)})")
    monkeypatch.setattr(engines, "bundled", lambda: worker)
    with pytest.raises(RenderError, match=rf"\(pygraphviz: stopped by {name}\)"):
        graphviz_svg(TEXT, engine="bundled")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("raise SystemExit(7)", "exit status 7"),
        ("print('<svg> and no end')", "exit status 0"),
        ("raise OSError('libz.so.1: cannot open')", "OSError: libz.so.1: cannot open"),
        ("raise OSError('x' * 1000)", "OSError: x{150}…"),
    ],
)
def test_a_worker_that_fails(script, reason, monkeypatch):
    monkeypatch.setattr(engines, "bundled", lambda: bundled_that_runs(script))
    with pytest.raises(RenderError, match=rf"\(pygraphviz: {reason}\)"):
        graphviz_svg(TEXT, engine="bundled")


def test_a_signal_without_a_name():
    assert engines._end(-1000) == "stopped by signal 1000"


def test_a_program_that_cannot_be_started(tmp_path, monkeypatch):
    absent = LayoutEngine("dot", (str(tmp_path / "absent"),))
    monkeypatch.setattr(engines, "system", lambda: absent)
    with pytest.raises(RenderError, match=r"\(dot: No such file or directory\)"):
        graphviz_svg(TEXT, engine="system")


def test_time_runs_out(monkeypatch):
    worker = bundled_that_runs("import time; time.sleep(60)")
    monkeypatch.setattr(engines, "bundled", lambda: worker)
    with pytest.raises(RenderError, match=r"^pygraphviz did not finish in 0\.2 s and was ended: "):
        graphviz_svg(TEXT, engine="bundled", timeout=0.2)


def is_running(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{number}/stat")  # one that has ended and that nobody has asked about
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def has_ended(number):
    for _ in range(100):
        if not is_running(number):
            return True
        time.sleep(0.02)
    return False


@posix
def test_a_program_that_hangs_is_ended_with_all_that_it_started(program, monkeypatch, tmp_path):
    hanging = program("sleep 60 &\necho $! $$ > pids\nwait", "my-dot")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(engines.ENVIRONMENT, str(hanging))
    monkeypatch.setenv(engines.TIMEOUT, "0.5")
    began = time.monotonic()
    with pytest.raises(RenderError, match=r"/my-dot did not finish in 0\.5 s .*_TIMEOUT=2 in the"):
        viz.draw(Value(1.0, "a").exp()).svg()
    assert time.monotonic() - began < 10
    assert [has_ended(int(number)) for number in (tmp_path / "pids").read_text().split()] == [
        True
    ] * 2


@posix
def test_a_program_that_leaves_one_behind_that_hangs(program, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    leaving = program("sleep 60 &\necho $! > pids")
    with pytest.raises(RenderError, match=r"did not finish in 0\.5 s"):
        graphviz_svg(TEXT, engine=str(leaving), timeout=0.5)
    assert has_ended(int((tmp_path / "pids").read_text()))


@posix
def test_an_interrupt_ends_the_program(program, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def interrupted(*_):
        for _ in range(500):
            if (tmp_path / "pids").exists() and (tmp_path / "pids").read_text():
                raise KeyboardInterrupt
            time.sleep(0.01)

    monkeypatch.setattr(engines.subprocess.Popen, "communicate", interrupted)
    hanging = program("echo $$ > pids; sleep 60")
    with pytest.raises(KeyboardInterrupt):
        graphviz_svg(TEXT, engine=str(hanging))
    assert has_ended(int((tmp_path / "pids").read_text()))


@pytest.mark.parametrize("seconds", ["soon", "0", "-3", "nan"])
def test_a_wrong_time_in_the_environment(monkeypatch, seconds):
    monkeypatch.setenv(engines.TIMEOUT, seconds)
    message = f"AUTOGRAD_DOT_TIMEOUT: got a str .'{seconds}'.; allowed: a number of seconds above 0"
    with pytest.raises(RenderError, match=message):
        graphviz_svg(TEXT)
