import numpy as np
import pytest

import autograd
from autograd.compiler.programs.origins import replaced
from autograd.compiler.programs.table import table_of


def counted(function, *args):
    step = autograd.compile(function, engine="numpy")
    step(*args)
    names = [line.out.name for line in step.program.instructions]
    return dict(zip(names, replaced(step.program), strict=True))


def test_a_layer_of_loops_counts_every_product_and_sum():
    def loops(W, x):
        return autograd.sum([sum(w * v for w, v in zip(row, x, strict=True)).tanh() for row in W])

    def dots(W, x):
        return autograd.sum([autograd.dot(row, x).tanh() for row in W])

    assert counted(loops, np.ones((4, 3)), np.ones(3)) == {"Z1": 4 * 5, "A1": 4, "T1": 1}
    assert counted(dots, np.ones((4, 3)), np.ones(3)) == {"Z1": 4, "A1": 4, "T1": 1}


def test_a_computation_made_twice_belongs_to_the_line_that_makes_it_once():
    counts = counted(lambda a, b: (a * b + a).exp() + (a * b + a).exp().tanh(), 1.0, 2.0)
    assert counts == {"T1": 4, "T2": 2, "T3": 1, "T4": 1}


def test_leaves_and_constants_belong_to_no_line():
    assert counted(lambda a: a, 2.0) == {}
    assert counted(lambda a: autograd.exp(3.0 * a), 2.0) == {"T1": 1, "T2": 1}


@pytest.mark.parametrize("seed", range(5))
def test_all_nodes_are_counted_once(seed):
    rng = np.random.default_rng(seed)

    def tangle(xs):
        nodes = list(xs)
        for _ in range(60):
            a, b = (nodes[i] for i in rng.integers(len(nodes), size=2))
            nodes.append([a * b, a + b, (a - b).tanh(), 0.5 * a, a * a][rng.integers(5)])
        return autograd.sum(nodes)

    step = autograd.compile(tangle, engine="numpy")
    step(rng.normal(size=5))
    ops = step.program.scalars.ops
    assert sum(replaced(step.program)) == sum(op not in {"leaf", "constant"} for op in ops)


def test_the_table_has_the_counts_and_the_shapes():
    step = autograd.compile(lambda x, y: (x[0] * y[0] + x[1] * y[1]).exp() + x[0].exp())
    step([1.0, 2.0], [0.5, -1.0])
    assert [row[2:4] for row in table_of(step.program).rows] == [
        ("one number", "3"),
        ("one number", "1"),
        ("one number", "1"),
        ("one number", "1"),
    ]
    step = autograd.compile(lambda xs: autograd.sum([x.exp() for x in xs]))
    step([1.0, 2.0])
    assert table_of(step.program).rows[0][2:4] == ("(2,)", "2")
