import math
from collections import Counter
from itertools import pairwise

import pytest

from viz.colours import AUTO, DARK, LIGHT, dark_rules, step


def luminance(colour):
    """Relative luminance, Web Content Accessibility Guidelines 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
class TestContrast:
    def test_text_on_cards_headers_and_gradients(self, palette):
        fills = [palette.card, palette.paper, *palette.headers.values(), *palette.gradients]
        assert min(contrast(palette.ink, fill) for fill in fills) >= 5.8

    def test_small_text(self, palette):
        fills = (palette.card, palette.paper, palette.frame)
        assert min(contrast(palette.muted, fill) for fill in fills) >= 4.5

    def test_alarm(self, palette):
        fills = (palette.alarm_fill, palette.paper, palette.frame)
        assert min(contrast(palette.alarm, fill) for fill in fills) >= 4.5

    def test_borders_of_roles_and_strong_arrows(self, palette):
        lines = [*palette.accents.values(), palette.flows[0], palette.flows[1], *palette.flows[-2:]]
        assert min(contrast(line, palette.paper) for line in lines) >= 2.9

    def test_stronger_gradients_stand_out_more(self, palette):
        for steps in (palette.flows, palette.gradients):
            marks = [contrast(colour, palette.paper) for colour in steps]
            assert all(a > b for a, b in pairwise(marks[:3]))
            assert all(a < b for a, b in pairwise(marks[4:]))

    def test_negative_is_blue_and_positive_orange(self, palette):
        for steps in (palette.flows, palette.gradients):
            for k in range(3):
                red, blue = (int(steps[k][i : i + 2], 16) for i in (1, 5))
                assert blue > red
                red, blue = (int(steps[6 - k][i : i + 2], 16) for i in (1, 5))
                assert red > blue


@pytest.mark.parametrize("palette", [LIGHT, AUTO, DARK], ids=["light", "auto", "dark"])
def test_every_colour_has_one_meaning(palette):
    assert len(palette.colours()) == len(DARK.colours())
    if palette is not DARK:  # where a light colour had two meanings, dark rules would contradict
        assert max(Counter(palette.colours()).values()) == 1


def test_dark_rules_are_bound_to_our_pictures():
    lines = dark_rules().splitlines()
    assert lines[0] == "@media (prefers-color-scheme: dark) {"
    assert lines[-1] == "}"
    assert all(line.startswith((".graph.auto [", ".background[fill=")) for line in lines[1:-1])
    assert f'.graph.auto [fill="{LIGHT.ink}"] {{ fill: {DARK.ink} }}' in lines
    assert AUTO.paper != LIGHT.paper


@pytest.mark.parametrize(
    ("x", "largest", "expected"),
    [
        (30.0, 30.0, 3), (-30.0, 30.0, -3), (9.0, 30.0, 2), (3.0, 30.0, 2), (2.9, 30.0, 1),
        (0.03, 30.0, 1), (0.029, 30.0, 0), (0.0, 30.0, 0), (-0.0, 30.0, 0), (100.0, 30.0, 3),
        (1.0, 0.0, 0), (math.nan, 1.0, 0), (-math.inf, 1.0, -3),
    ],
)  # fmt: skip
def test_steps(x, largest, expected):
    assert step(x, largest) == expected
