import pytest

from viz.colours import LIGHT
from viz.scene import Box, Row
from viz.dot import card, markup, partial, piece, plain, tooltip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a & b", "a &amp; b"),
        ("<b>", "<b>"),
        ("a\\n", "a\\\\n"),
        ("two\nlines", "two\\nlines"),
        ("nul\x00", "nul\ufffd"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


def test_backslashes_of_tooltips_are_read_twice():
    assert tooltip("a\\G\nb") == r"a\\\\G\nb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<i>&\"'", "&lt;i&gt;&amp;&quot;&#x27;"),
        ("a\\n", "a\\\\n"),
        ("\ud800\x07", "\ufffd\ufffd"),
        ("重み −₁", "重み −₁"),
    ],
)
def test_markup(text, expected):
    assert markup(text) == expected


def label(role, rows=(), *, is_final=False):
    return card(Box("n0", role, "head", tuple(rows), "", (), is_final), LIGHT)


def test_roles_differ_in_more_than_colour():
    made = {
        role: label(role, [Row("val", "1")])
        for role in ("input", "parameter", "operation", "result", "constant", "group")
    }
    assert 'STYLE="DASHED"' in made["constant"]
    assert 'ROWSPAN="2"' in made["parameter"]  # the bar
    assert 'BORDER="3"' in made["result"]
    assert "<HR/>" in made["operation"]
    assert made["group"].count("<TABLE") == 2  # the double border
    for mark in ('STYLE="DASHED"', "ROWSPAN", 'BORDER="3"', "<HR/>"):
        assert mark not in made["input"]
        assert sum(mark in text for text in made.values()) == 1


def test_a_group_with_a_result_has_a_thick_border():
    assert 'BORDER="3"' in label("group", is_final=True)
    assert 'BORDER="3"' not in label("group")


def test_rows_are_shaded_by_step_and_alarming_ones_red():
    assert f'BGCOLOR="{LIGHT.gradients[0]}">−1' in label("input", [Row("grad", "−1", -3)])
    assert LIGHT.gradients[3] not in label("input", [Row("grad", "0", 0)])
    bad = label("input", [Row("val", "nan", 0, alarm=True)])
    assert f'BGCOLOR="{LIGHT.alarm_fill}"' in bad
    assert LIGHT.alarm in bad


def test_a_card_without_rows_has_no_rule():
    assert "<HR/>" not in label("operation")


def test_partials_keep_off_their_line():
    assert 'HEIGHT="7"' in partial("×1", horizontal=True)
    assert 'WIDTH="5"' in partial("×1", horizontal=False)


def test_a_piece_of_line():
    assert 'BGCOLOR="#123456" FIXEDSIZE="TRUE" WIDTH="3" HEIGHT="1"' in piece((3, 1), "#123456")
