"""Christopher Olah, Calculus on Computational Graphs: e = (a + b)(b + 1) at a = 2, b = 1.

https://colah.github.io/posts/2015-08-Backprop/
"""

import autograd
from autograd import Value


def e(a, b):
    return (a + b) * (b + 1)


def test_reverse_mode_gives_both_derivatives_at_once(differentiate):
    assert differentiate(e, 2.0, 1.0) == (6.0, (2.0, 5.0))


def test_every_edge_and_node_of_the_picture():
    a, b = Value(2), Value(1)
    c, d = a + b, b + 1
    product = c * d
    product.backward()
    assert [node.data for node in (c, d, product)] == [3, 2, 6]
    assert (c.partials, product.partials) == ((1, 1), (2, 3))
    assert [node.grad for node in (product, c, d, a, b)] == [1, 2, 3, 2, 5]


def test_forward_mode_along_b():
    assert autograd.jvp(e, (2.0, 1.0), (0.0, 1.0)) == (6.0, 5.0)
    assert autograd.jvp(e, (2.0, 1.0), (1.0, 0.0)) == (6.0, 2.0)


def test_forward_mode_compiled(engine):
    along = autograd.compile(
        lambda a, b: autograd.jvp(e, (a, b), (0.0, 1.0)), gradients=False, engine=engine
    )
    assert along(2.0, 1.0) == (6.0, 5.0)
    assert along(5.0, 3.0) == (32.0, 12.0)


def test_one_derivative_of_many_by_its_name(engine):
    assert autograd.compile(e, wrt="b", engine=engine)(2.0, 1.0) == (6.0, 5.0)
    assert autograd.compile(e, wrt="b", engine=engine)(2, 1) == (6.0, 5.0)  # b is a whole number
