from dataclasses import replace

import numpy as np

import autograd
from viz.programs.provenance import listing, product_text


def lifted(function, *args, **options):
    step = autograd.compile(function, **options)
    step(*args)
    return listing(step.program)


def test_lines_by_the_name_that_they_assign():
    found = lifted(lambda a, b: (a * b).tanh() * a, 1.0, 2.0)
    assert found.line("T1") == "T1 = a * b"
    assert found.gradient("b") == ("db = dT1 * a",)
    assert found.gradient("T1") == ("dT1 = a * (1 - T2 * T2)",)
    assert found.gradient("T2") == ()
    assert (found.result_name, found.result_line) == ("T3", "")


def test_a_line_with_two_names_belongs_to_both():
    found = lifted(lambda xs: autograd.cross_entropy(xs, 1), [1.0, 2.0, 3.0])
    assert found.line("T1") == found.line("P1") == "T1, P1 = cross_entropy_softmax(xs, whole(1.0))"


def test_a_gradient_in_parts_has_several_lines():
    found = lifted(lambda xs: xs[0].exp() * xs[2], [1.0, 2.0, 3.0])
    first, *more = found.gradient("xs")
    assert first == "dxs = zeros((3,))"
    assert len(more) == 2
    assert all(line.startswith("dxs[") for line in more)


def test_an_average_over_samples_is_the_result():
    found = lifted(lambda x: x * x, [1.0, 2.0], batch="x")
    assert (found.result_name, found.result_line) == ("", "J = T1.mean()")
    assert found.result_reads == {"T1"}


def test_a_result_that_no_line_computes():
    w = autograd.values([1.0, 2.0], "w")
    found = lifted(lambda _: w[1], 1.0)
    assert (found.result_name, found.result_line) == ("", "w2")
    assert found.result_reads == {"w2"}
    assert lifted(lambda a: a, 2.0).result_line == "a"
    assert lifted(lambda _: autograd.constant(3.0), 2.0).result_line == "3.0"


def test_a_matrix_of_one_number_is_returned_as_it_is():
    w, b = autograd.values([[1.0, 2.0]], "w"), autograd.values([0.5], "b")
    step = autograd.compile(lambda x: autograd.dot(w[0], x, b[0]), engine="numpy")
    step([1.0, 2.0])
    assert ".item()" in step.source
    assert listing(step.program).result_name == "Z1"


def test_a_program_without_gradients():
    found = lifted(lambda a: a.exp(), 2, wrt=())
    assert (found.gradients, found.gradient("a"), found.result_name) == ({}, (), "T1")


def compiled(function, *args, **options):
    step = autograd.compile(function, **options)
    step(*args)
    return step


def test_products_are_written_in_the_order_of_their_line():
    def scores(q, k):
        heads = [slice(0, 2), slice(2, 4), slice(4, 6)]
        return autograd.sum([autograd.dot(x[h], y[h]).exp() for h in heads for x in q for y in k])

    def turned(x, w):
        return autograd.sum([autograd.dot(a, b).exp() for a in w for b in x])

    several = compiled(scores, np.ones((4, 6)), np.ones((5, 6)))
    assert product_text(several.program.instructions[0]) == "(3, 4, 2) @ (3, 2, 5)"
    one = compiled(turned, np.ones((5, 2)), np.ones((3, 2)))
    assert "Z1 = w @ x.T" in one.source
    assert product_text(one.program.instructions[0]) == "(3, 2) @ (2, 5)"
    # Axes of a result follow its shape; a factor that has the later one stands right.
    w = autograd.values(np.ones((3, 2)), "w")
    batch = compiled(lambda x: autograd.sum([autograd.dot(row, x).exp() for row in w]),
                     np.ones((7, 2)), batch="x")  # fmt: skip
    (step,) = [step for step in batch.program.instructions if step.is_product]
    assert product_text(step) == "(3, 2) @ (2, n)"
    (part,) = step.parts
    mirrored = replace(step, parts=[replace(part, x=part.y, y=part.x)])
    assert product_text(mirrored) == "(3, 2) @ (2, n)"
