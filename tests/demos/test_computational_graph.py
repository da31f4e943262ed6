import re


def test_chain_rule_by_hand_and_autograd_agree(tour):
    rows = tour.rows("computational_graph", r"  dJ/d(\w) .* (-?\d+) +(-?\d+)")
    assert rows == [
        ("v", "3", "3"),
        ("u", "3", "3"),
        ("a", "3", "3"),
        ("b", "30", "30"),
        ("c", "-9", "-9"),
    ]


def test_forward_numbers_and_the_nudge(tour):
    text = tour.of("computational_graph")
    assert "J = 3 * v = 3 * -28 = -84" in text
    assert "b + 0.001 moves J by 0.030, and dJ/db * 0.001 = 0.030" in text


def test_picture_names_every_node(tour):
    text = (tour.out / "computational_graph.svg").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w−]+", re.sub(r"<[^>]*>", " ", text)))
    assert {"a", "b", "c", "u", "v", "J", "−84", "30", "−9"} <= words
