import pytest

from viz.text_width import columns


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("−5.25", 5),
        ("∂J/∂u", 5),
        ("y\N{COMBINING CIRCUMFLEX ACCENT}", 1),
        ("a\N{ZERO WIDTH JOINER}b", 2),
        ("\N{COMBINING ENCLOSING CIRCLE}", 0),
        ("重み", 4),
        ("🙂", 2),
    ],
)
def test_columns(text, count):
    assert columns(text) == count
