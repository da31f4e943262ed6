"""Products of arrays, written short, are what einsum says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograd.compiler.writing.contract import contract, expanded

SIZES = {"h": 2, "i": 3, "j": 4, "k": 5, "n": 6}
AXES = st.lists(st.sampled_from("hijkn"), min_size=0, max_size=3, unique=True).map("".join)


@given(AXES, AXES, st.data())
def test_contractions(a, b, data):
    both = "".join(dict.fromkeys(a + b))
    chosen = sorted(data.draw(st.sets(st.sampled_from(both)))) if both else []
    out = "".join(data.draw(st.permutations(chosen)))
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=[SIZES[axis] for axis in axes]) for axes in (a, b))
    text = contract("x", a, "y", b, out)
    got = eval(text, {"x": x, "y": y, "einsum": np.einsum, "vdot": np.vdot})
    want = np.einsum(f"{a},{b}->{out}", x, y)
    missing = [axis for axis in out if axis not in both]
    assert not missing
    assert np.allclose(np.broadcast_to(got, want.shape), want)


def test_leading_axes_need_no_name():
    assert expanded("b", "j", "ij") == "b"
