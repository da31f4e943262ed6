"""The benchmark of a large network, run small; no time is ever asserted."""

from benchmarks import __main__ as command


def test_lines(capsys):
    assert command.main(["--large", "--widths", "3", "2", "2", "--rounds", "1"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("3-2-2, 14 parameters, 256 samples, ")
    assert [line.rsplit(maxsplit=2)[0] for line in lines] == [
        "make", "first call", "second call", "third call", "call peak",
        "make", "first step of fit", "fit peak",
    ]  # fmt: skip
    assert all(float(line.split()[-2]) >= 0 for line in lines)
