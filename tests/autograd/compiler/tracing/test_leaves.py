"""Leaves made of arguments: their names, their nesting, and which want gradients."""

import numpy as np

from autograd.compiler.tracing.arguments import flatten, samples
from autograd.compiler.tracing.leaves import make_leaves


def made(wanted=True, batch=False, **arguments):
    arrays, parts = [], []
    for name, argument in arguments.items():
        key = samples(name, argument, arrays) if batch else flatten(name, argument, arrays)
        parts.append((name, key, batch, wanted))
    return make_leaves(parts, arrays)


def test_leaves_are_labelled_by_their_place():
    (w,), (leaf,) = made(w=[[1.0, 2.0], [3.0, 4.0]])
    assert [[v.label for v in row] for row in w] == [["w[0][0]", "w[0][1]"], ["w[1][0]", "w[1][1]"]]
    assert [v.data for v in leaf.nodes] == [1.0, 2.0, 3.0, 4.0]
    assert (leaf.name, leaf.shape, leaf.sample, leaf.wanted) == ("w", (2, 2), False, True)


def test_arrays_in_structures_are_named_by_keys_and_positions():
    _, leaves = made(p={"W": np.eye(2), "b": [np.ones(2), 3.0], "no name": 1.0})
    assert [leaf.name for leaf in leaves] == ["W", "b1", "b2", "p_2"]


def test_names_that_are_taken_get_a_number():
    _, leaves = made(n=1.0, p={"n": 1.0, "q": 2.0}, q=3.0)
    assert [leaf.name for leaf in leaves] == ["n_2", "n_3", "q", "q_2"]


def test_arguments_that_are_not_differentiated_want_no_gradient():
    assert [leaf.wanted for leaf in made(a=1.0, k=2)[1]] == [True, True]
    assert [leaf.wanted for leaf in made(wanted=False, a=1.0)[1]] == [False]


def test_of_a_batch_the_first_sample_is_traced():
    (x,), (leaf,) = made(batch=True, x=[[1.0, 2.0], [3.0, 4.0]])
    assert [v.data for v in x] == [1.0, 2.0]
    assert leaf.sample
    assert leaf.shape == (2,)
