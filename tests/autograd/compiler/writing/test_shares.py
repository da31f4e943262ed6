"""Gradients of views sent home: they are the transposes of what was read."""

import numpy as np
import pytest

from autograd.compiler.layout.buffers import Buffers
from autograd.compiler.layout.views import Array
from autograd.compiler.runtime.array_functions import FUNCTIONS
from autograd.compiler.writing.shares import share_of


@pytest.mark.parametrize("sample", [False, True])
@pytest.mark.parametrize(
    "ids",
    [
        np.arange(12).reshape(3, 4),
        np.arange(12),
        np.array([1, 5, 9]),
        np.array([[2, 3], [6, 7]]),
        np.array([[0, 2], [4, 6], [8, 10]]),
        np.array([7, 0, 11]),
        np.array([7, 0, 7, 7]),
        np.arange(12).reshape(3, 4)[::-1, ::-1],
        np.arange(12).reshape(2, 6)[:, ::2],
        np.array(5),
    ],
    ids=lambda ids: str(ids.tolist()),
)
def test_a_share_is_the_transpose_of_its_view(ids, sample):
    """Check <g, read(x)> == <home(g), x> with the texts that are written."""
    rng = np.random.default_rng(0)
    store = Buffers(np.zeros(12), np.zeros(12, bool), np.full(12, sample))
    array = store.add(Array("X", np.arange(12).reshape(3, 4), sample))
    x = rng.normal(size=(3, 4) + (2,) * sample)
    view = store.operand(ids, "ij"[: ids.ndim], 0.0).view
    names = {**FUNCTIONS, **store.kept, "X": x, "where": np.where}
    read = eval(view.text(), names)
    g = rng.normal(size=read.shape)
    share = share_of(view, "g")
    home = np.zeros_like(x)
    names |= {"g": g, "home": home}
    if share.kind == "whole":
        home += eval(share.text, names)
    else:
        exec(f"{share.at.format('home')} += {share.text}", names)
    assert array.sample == sample
    assert np.vdot(g, read) == pytest.approx(np.vdot(home, x), rel=1e-12)
