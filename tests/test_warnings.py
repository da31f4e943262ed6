"""Warnings are errors where they are told to our modules, and no errors where to others."""

import warnings

import pytest

OURS = ("autograd", "autograd.value", "nn.schedules", "viz", "tests.nn", "__main__", "<string>")
OTHERS = ("torch.nn", "nnx", "vizier.plots", "jax._src.core", "_pytest.python", "autograd_gamma")


def said_to(module, category=FutureWarning):
    """Warn as the line of a module that is warned; return what is kept where it is no error."""
    with warnings.catch_warnings(record=True) as kept:
        warnings.warn_explicit("soon", category, "a file", 1, module=module)
    return [warning.category for warning in kept]


@pytest.mark.parametrize("category", [FutureWarning, DeprecationWarning, RuntimeWarning])
@pytest.mark.parametrize("module", OURS)
def test_of_ours_it_is_an_error(module, category):
    with pytest.raises(category, match="soon"):
        said_to(module, category)


@pytest.mark.parametrize("module", OTHERS)
def test_of_others_it_is_none(module):
    assert said_to(module) == [FutureWarning]


@pytest.mark.parametrize(
    ("module", "category"),
    [
        ("numpy.linalg._linalg", RuntimeWarning),
        ("socket", ResourceWarning),
        ("_pytest.threadexception", pytest.PytestUnhandledThreadExceptionWarning),
        ("_pytest.unraisableexception", pytest.PytestUnraisableExceptionWarning),
    ],
)
def test_what_is_our_fault_wherever_it_is_noticed_is_an_error(module, category):
    with pytest.raises(category):
        said_to(module, category)


def test_a_library_that_warns_its_caller_warns_us_and_one_that_warns_itself_does_not():
    library = {"__name__": "torch.export"}
    exec(
        "import warnings\n"
        "def export(level):\n"
        "    warnings.warn('soon', FutureWarning, stacklevel=level)\n",
        library,
    )
    with warnings.catch_warnings(record=True) as kept:
        library["export"](1)
    assert [warning.category for warning in kept] == [FutureWarning]
    with pytest.raises(FutureWarning, match="soon"):
        library["export"](2)
