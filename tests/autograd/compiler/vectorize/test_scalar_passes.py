"""The passes as Python over lists, and compiled over arrays: one text, the same results."""

import random

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.tracing.trace import record
from autograd.compiler.vectorize import canonicalize, matrix_products, packs, passes, scalar_passes
from autograd.value import constant

ARRAYS = ("order", "kind", "length", "coefficient", "x", "y", "same", "constants", "deciding")


STEPS = (
    lambda x, y, z: x + y * z,
    lambda x, y, z: x - (y - 2.0 * z),
    lambda x, y, z: autograd.mean([x, y, z, x * y]),
    lambda x, y, z: autograd.dot([x, y], [z, x]),
    lambda x, y, z: autograd.where(x, y, z * 1.0),
    lambda x, y, z: autograd.take([x, y], 1) * z.tanh(),
    lambda x, y, z: autograd.softmax([x, y, z])[1],
    lambda x, y, z: y - x * x - z,
)


def mixed(seed):
    """Return the result of a random graph: sums in sums, products, choices, lists, constants."""
    draw = random.Random(seed)
    pool = [Value(draw.uniform(-1, 1)) for _ in range(5)]
    pool.append(constant(2.0) * 1.5)
    for _ in range(draw.randint(10, 60)):
        pool.append(draw.choice(STEPS)(*draw.choices(pool[-12:], k=3)))
    return autograd.sum(pool)


def packed(result):
    """Return the arrays of all passes, the packs of each level, and how rows are numbered."""
    trace = record(result)
    normal = canonicalize.canonicalize(trace.scalars, [trace.result], [trace.result // 2])
    rows = packs.levels(normal)
    size = len(normal.kind)
    source = np.where(normal.constants, -2, -3 - np.arange(size) % 2)
    differs = canonicalize.samples(normal, np.arange(size) == 0)
    packer = packs.Packer(normal, rows, source, differs)
    found = [getattr(normal, name).tolist() for name in ARRAYS]
    levels = np.split(normal.kind[rows.nodes], rows.ends[:-1])
    roots = [trace.result, trace.result // 2]
    for gradients in (False, True):
        least = canonicalize.least_operations(trace.scalars, roots, gradients=gradients)
        assert gradients or least == sum(len(set(kinds.tolist())) for kinds in levels)
        found.append(least)
    found += [differs.tolist(), rows.nodes.tolist(), rows.ends.tolist()]
    count = 0
    estimate = packs.Packer(normal, rows, source.copy(), differs).operations(
        np.arange(size) % 3 > 0, range(4 * len(normal.operations)), 9, np.inf
    )
    found.append(estimate)
    for level in range(len(rows.ends)):
        for pack in packer.packs(level):
            segments = [
                (s.coefficient, s.lengths.tolist(), s.xs.tolist(), s.ys is None or s.ys.tolist())
                for s in pack.segments
            ]
            found.append((pack.op, pack.nodes.tolist(), pack.sample, segments))
            packer.placed(pack.nodes, np.full(len(pack.nodes), count))
            count += 1
    assert estimate[1] == count
    return found


@pytest.fixture
def as_python(monkeypatch):
    """Let the passes run as Python."""

    def use():
        monkeypatch.setattr(passes, "COMPILED", False)
        for module in (canonicalize, packs, matrix_products):
            monkeypatch.setattr(module, "passes", scalar_passes)
        monkeypatch.setattr(packs, "COMPILED", False)

    return use


@pytest.mark.parametrize("seed", range(20))
def test_both_forms_find_the_same(seed, as_python):
    result = mixed(seed)
    found = packed(result)
    as_python()
    assert packed(result) == found


def test_both_forms_number_rows_and_blocks_alike(as_python):
    draw = np.random.default_rng(0)
    left, right = draw.integers(0, 4, (2, 30, 2))
    pairs = np.repeat(np.arange(4), 4)[:, None], np.tile([[0], [1]], (8, 1))
    blocks = pairs[0], pairs[1] + 2 * (pairs[0] // 2)

    def found():
        rows = [matrix_products.numbered(left), matrix_products.numbered(right)]
        layout = matrix_products.grid(blocks[0][::2] * 2 + blocks[1][::2] % 2, blocks[1][::2])
        return *(row.tolist() for row in rows), layout is not None and layout.tolist()

    first = found()
    as_python()
    assert found() == first


def test_a_sum_of_many_sources_is_packed_by_its_coefficients_alone():
    xs = [Value(float(i)) for i in range(9)]
    total = autograd.sum([*(autograd.exp(x) for x in xs), *(x.sin() * xs[0] for x in xs)])
    trace = record(total)
    normal = canonicalize.canonicalize(trace.scalars, [trace.result])
    rows = packs.levels(normal)
    packer = packs.Packer(normal, rows, np.arange(len(normal.kind)), np.zeros(99, bool))
    (pack,) = packer.packs(len(rows.ends) - 1)
    assert [s.lengths.tolist() for s in pack.segments] == [[9], [9]]
    single, double = pack.segments
    assert single.ys is None
    assert double.ys.tolist() == [trace.nodes.index(xs[0])] * 9
