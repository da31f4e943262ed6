"""What tests of operations that users define share."""

import pytest

from autograd.custom import _OWN as OWN
from autograd.ops import TABLE
from autograd.primitives import uninstall
from autograd.readings import ARRAYS, FLOATS, OPAQUE


@pytest.fixture
def own_operations():
    """Forget, after a test, the operations that it defined."""
    names = (FLOATS, ARRAYS, OPAQUE)
    before = [set(each) for each in names]
    known = set(TABLE)
    yield OWN
    for name in [name for name in TABLE if name not in known]:
        uninstall(OWN.pop(name))
    for each, old in zip(names, before, strict=True):
        for name in [name for name in each if name not in old]:
            del each[name]
