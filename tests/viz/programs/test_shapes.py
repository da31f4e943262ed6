from dataclasses import replace

import numpy as np

import autograd
from viz.programs.provenance import product_text


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
