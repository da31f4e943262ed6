"""How wrong things are described, and optional packages."""

import sys

import numpy as np
import pytest

from autograd.errors import MissingExtraError, list_of, require, shown


class Unprintable:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("thing", "described"),
    [
        (None, "None"),
        ("abc", "a str ('abc')"),
        (2, "an int (2)"),
        (2.5, "a float (2.5)"),
        (True, "a bool (True)"),
        ([1, 2], "a list of 2"),
        ((), "a tuple of 0"),
        ({1: 2}, "a dict of 1"),
        ({1}, "a set of 1"),
        (frozenset(), "a frozenset of 0"),
        (np.zeros((2, 3)), "an ndarray of shape (2, 3)"),
        (np.array(1), "an ndarray (array(1))"),
        (10**45, f"an int ({10**38}…)"),
        (10**100, "an int (of 333 bits)"),
        ("x" * 100, "a str ('" + "x" * 38 + "…)"),
        (Unprintable(), "an Unprintable (whose repr fails)"),
    ],
)
def test_shown(thing, described):
    assert shown(thing) == described


@pytest.mark.parametrize(
    ("kind", "article"),
    [("MLP", "an"), ("SGD", "an"), ("UFO", "a"), ("uint8", "a"), ("Unit", "an"), ("Sigmoid", "a")],
)
def test_articles_are_as_names_are_spoken(kind, article):
    assert shown(type(kind, (), {})()).startswith(f"{article} {kind} (")


def test_require_returns_the_module():
    assert require("collections.abc", extra="plot") is sys.modules["collections.abc"]


@pytest.mark.parametrize("module", ["no_such_package", "no_such_package.part"])
def test_require_names_the_extra(module):
    with pytest.raises(MissingExtraError) as caught:
        require(module, extra="plot")
    assert str(caught.value) == ('this needs no_such_package: pip install "scalar-autograd[plot]"')
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value.__cause__, ImportError)


def test_list_of():
    assert [list_of(x) for x in (["a"], ["a", "b"], ("a", "b", "c"))] == [
        "a",
        "a or b",
        "a, b or c",
    ]
