from viz.reports.tables import Table

TABLE = Table(
    ("n", "what"), [("1", "first thing"), "7 more", ("10", "a < b | c")], right=(0,), soft=(1,)
)


def test_text():
    assert TABLE.width == 15
    assert TABLE.text(80).splitlines() == [
        " n  what", " 1  first thing", "  … 7 more", "10  a < b | c",
    ]  # fmt: skip


def test_soft_columns_are_cut_down_to_ten():
    assert TABLE.text(14).splitlines()[1] == " 1  first thi…"
    assert TABLE.text(3) == TABLE.text(14)


def test_wide_signs_count_twice():
    assert Table(("a", "b"), [("重み", "x")]).text(80).splitlines() == ["a     b", "重み  x"]


def test_markdown():
    assert TABLE.markdown().splitlines() == [
        "| n | what |", "| --: | --- |", "| 1 | first thing |", "| … 7 more |  |",
        "| 10 | a < b | c |",
    ]  # fmt: skip


def test_html_is_escaped():
    text = TABLE.html("a & b")
    assert "<caption>a &amp; b</caption>" in text
    assert '<td style="text-align: left"><bdi>a &lt; b | c</bdi></td>' in text
    assert '<td colspan="2">… 7 more</td>' in text
