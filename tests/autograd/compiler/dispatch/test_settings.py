"""What `compile` may be asked for."""

import pytest

from autograd.compiler.dispatch.settings import settings_of


def asked(function, wrt=None, batch=(), reduce="mean", engine="auto"):
    return settings_of(function, wrt, batch, reduce, engine, check=False, exact=False)


def test_gradients_go_to_all_arguments_that_are_no_batch():
    settings = asked(lambda w, x, y: w * x - y, batch=("x", "y"))
    assert settings.arguments == ("w", "x", "y")
    assert settings.batch == ("x", "y")
    assert settings.wrt == ("w",)
    assert asked(lambda w, b: w + b, wrt="b").wrt == ("b",)
    assert asked(lambda w, b: w + b, wrt=iter(["b", "w"])).wrt == ("b", "w")
    assert asked(lambda w, b: w + b, wrt=[]).wrt == ()


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (3, {}, r"function: got an int \(3\); allowed: a function that returns a Value"),
        (lambda *a: a[0], {}, r"the function takes \*a; allowed are arguments that have names"),
        (lambda **a: a, {}, r"takes \*\*a; allowed .*: give several as one list, tuple or dict"),
    ],
)
def test_functions_that_cannot_be_compiled(function, options, message):
    with pytest.raises(TypeError, match=message):
        asked(function, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wrt": "c"}, "wrt: got a str .'c'.; allowed: 'a' or 'b'"),
        ({"batch": ["a", "x"]}, "batch: got a str .'x'.; allowed: 'a' or 'b'"),
        (
            {"wrt": "a", "batch": "a"},
            "wrt: got a str .'a'.; allowed: 'b'; batches have no gradients",
        ),
        (
            {"wrt": "a", "batch": ["a", "b"]},
            "wrt: got a str .'a'.; allowed: none; batches have no gradients",
        ),
        ({"reduce": "max"}, "reduce: got a str .'max'.; allowed: 'mean' or 'sum'"),
        ({"engine": "c"}, "engine: got a str .'c'.; allowed: 'auto', 'blocked', 'numpy' or 'tape'"),
    ],
)
def test_names_and_choices_that_there_are_not(options, message):
    with pytest.raises(ValueError, match=message):
        asked(lambda a, b: a * b, **options)
