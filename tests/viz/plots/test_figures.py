import sys

import pytest

from autograd.errors import MissingExtraError
from viz.plots import axes, figure_of


def test_figures_show_in_notebooks_without_pyplot(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert figure_of(axes(None))._repr_png_().startswith(b"\x89PNG")


def test_missing_matplotlib_is_one_line_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "scalar-autograd\[plot\]"') as caught:
        axes(None)
    assert "\n" not in str(caught.value)
