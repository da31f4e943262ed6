from viz.basics.labels import shorten


def test_shorten_keeps_short_names_and_both_ends_of_long_ones():
    assert shorten("a b") == "a b"
    assert shorten("a\n b") == "a b"
    long = shorten("w" * 50 + ".1")
    assert len(long) == 24
    assert long.endswith(".1")
