"""The committed stubs say what the table says."""

from autograd.rules import stubs


def test_the_committed_stubs_are_what_the_table_gives():
    assert stubs.stale(stubs.stubs()) == [], "run: python -m autograd.rules.stubs"


def test_a_stub_that_lags_behind_is_named():
    files = {"kernels/python/operations.pyi": "old", "missing.pyi": ""}
    assert stubs.stale(files) == ["kernels/python/operations.pyi", "missing.pyi"]


def test_every_operator_is_declared_both_ways():
    text = stubs.operations()
    assert "def __add__(self, other: Operand) -> Self" in text
    assert "def __radd__(self, other: Operand) -> Self" in text
    assert "def __neg__(self) -> Self" in text


def test_main_writes_only_what_is_stale(tmp_path, monkeypatch):
    monkeypatch.setattr(stubs, "PACKAGE", tmp_path)
    (tmp_path / "kernels/python").mkdir(parents=True)
    (tmp_path / "functions").mkdir()
    stubs.main()
    written = tmp_path / "functions" / "__init__.pyi"
    assert written.read_text(encoding="utf-8") == stubs.functions()
    assert stubs.stale(stubs.stubs()) == []
