"""Every scalar node went somewhere, and the program's arrays hold its number at that place."""

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd.compiler.programs.origins import constants, origins
from autograd.compiler.programs.replayed import replayed
from autograd.compiler.runtime import array_functions as runtime
from autograd.rules.backends import ARRAYS

FREE = {"leaf", "constant"}
KINDS = {"given", "computed", "absorbed", "merged", "constant", "unused"}


def arrays_of(program, numbers):
    """Run the lines of a program and return all that they assign, by name."""
    tree = ast.parse(program.source)
    (function,) = tree.body
    function.body[-1] = ast.parse("def f():\n return locals()").body[0].body[0]
    names = {**ARRAYS, **runtime.FUNCTIONS, **program.kept}
    exec(compile(ast.fix_missing_locations(tree), "lines", "exec"), names)
    with np.errstate(all="ignore"):
        return {**program.kept, **names["program"](*numbers)}


def checked(program, sample=0):
    """Check each node's origin against the numbers of the trace; return the origins."""
    scalars, found = program.scalars, origins(program)
    numbers = [
        scalars.numbers[np.maximum(a.ids, 0)][..., None]
        if a.sample
        else scalars.numbers[np.maximum(a.ids, 0)]
        for a in program.arrays
    ]
    arrays = arrays_of(program, numbers)
    assert len(found) == len(scalars.ops)
    for node, (op, origin) in enumerate(zip(scalars.ops, found, strict=True)):
        assert origin.kind in KINDS
        if op == "leaf":
            assert origin.kind in {"given", "unused"}
        assert (origin.line >= 0) == (
            origin.kind in {"computed", "absorbed"}
            or (origin.kind == "merged" and origin.array not in program.arrays)
        )
        if origin.kind in {"given", "computed", "merged"} and not _inside(program, node, found):
            place = (*origin.indices, *[sample] * origin.array.sample)
            held = np.asarray(arrays[origin.array.name])[place]
            assert held == pytest.approx(scalars.numbers[node], rel=1e-12, abs=1e-12, nan_ok=True)
    return found


def _inside(program, node, found):
    """Tell whether a merged node is a part of one that is computed once, and has no place."""
    return found[node].kind == "merged" and program.same[node] == node


def compiled(function, *args, **options):
    step = autograd.compile(function, engine="numpy", **options)
    step(*args)
    return step.program


def kinds(program):
    return [origin.kind for origin in checked(program)]


def by_op(program):
    found = origins(program)
    return [(op, o.kind, o.element) for op, o in zip(program.scalars.ops, found, strict=True)]


def test_a_layer_of_dot_products_has_its_neurons_in_rows():
    w, b = (
        autograd.values([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "W"),
        autograd.values([1.0] * 3, "b"),
    )
    program = compiled(
        lambda x: autograd.sum([autograd.dot(r, x, c).tanh() for r, c in zip(w, b, strict=True)]),
        [[0.5, -1.0], [2.0, 3.0]],
        batch="x",
    )
    checked(program)
    elements = [element for op, _, element in by_op(program) if op == "dot"]
    assert elements == ["Z1[0, :]", "Z1[1, :]", "Z1[2, :]"]
    leaves = [element for op, _, element in by_op(program) if op == "leaf"]
    assert leaves[:5] == ["x[0, :]", "x[1, :]", "W[0, 0]", "W[0, 1]", "b[0, 0]"]


def test_products_of_a_sum_are_absorbed_by_their_own_element():
    program = compiled(
        lambda W, x: autograd.sum([sum(w * v for w, v in zip(r, x, strict=True)).exp() for r in W]),
        np.ones((2, 2)), np.ones(2),
    )  # fmt: skip
    checked(program)
    assert [entry for entry in by_op(program) if entry[0] in {"mul", "add"}] == [
        ("mul", "absorbed", "Z1[0]"), ("mul", "absorbed", "Z1[0]"), ("add", "computed", "Z1[0]"),
        ("mul", "absorbed", "Z1[1]"), ("mul", "absorbed", "Z1[1]"), ("add", "computed", "Z1[1]"),
    ]  # fmt: skip


def test_what_is_computed_twice_is_merged():
    program = compiled(lambda a, b: (a * b + a).exp() + (a * b + a).exp().tanh(), 1.0, 2.0)
    found = by_op(program)
    checked(program)
    assert [element for op, kind, element in found if op == "exp"] == ["T2", "T2"]
    assert [kind for op, kind, _ in found if op == "exp"] == ["computed", "merged"]
    assert [kind for op, kind, _ in found if op == "mul"] == ["absorbed", "merged"]


def test_what_constants_make_is_a_constant_and_a_settled_choice_leaves_the_other_out():
    def choose(a, b):
        two = autograd.constant(1.0) + 1.0
        return autograd.where(autograd.constant(1.0), a * two, b.exp()) * 3.0

    program = compiled(choose, 2.0, 5.0)
    found = {op: kind for op, kind, _ in by_op(program)}
    assert found == {
        "leaf": "given", "constant": "constant", "add": "constant", "mul": "computed",
        "exp": "unused", "where": "merged",
    }  # fmt: skip
    checked(program)


def test_arrays_of_constants_have_places():
    program = compiled(lambda xs: sum((i + 1) * x for i, x in enumerate(xs)), [1.0, 2.0, 3.0])
    (array,) = constants(program)
    assert [e for op, kind, e in by_op(program) if op == "constant" and e] == [
        f"{array.name}[{i}]" for i in range(3)
    ]


def test_a_result_that_is_given_and_one_that_is_a_constant():
    assert kinds(compiled(lambda a: a, 2.0)) == ["given"]
    assert kinds(compiled(lambda _: autograd.constant(3.0), 2.0)) == ["given", "constant"]


MOVES = [
    lambda a, b, _: [a * b], lambda a, b, _: [a + b], lambda a, b, _: [(a - b).tanh()],
    lambda a, *_: [0.5 * a], lambda a, *_: [a.square()], lambda a, *_: [-a],
    lambda a, b, c: [autograd.dot([a, b], [c, a], b)], lambda *xs: autograd.softmax(xs),
    lambda *xs: [autograd.max(xs)], lambda *xs: [autograd.logsumexp(xs)],
    lambda *xs: [autograd.mean(xs)], lambda a, b, _: [autograd.sum([a, b])],
    lambda a, b, _: [autograd.where(autograd.constant(1.0), a, b)],
    lambda a, b, _: [a.tanh() if a > b else b],
]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_each_node_is_where_it_is_said_to_be(seed):
    rng = np.random.default_rng(seed)

    def tangle(xs, ys):
        nodes = [*xs, *ys, autograd.constant(0.5)]
        for _ in range(50):
            chosen = [nodes[i] for i in rng.integers(len(nodes), size=3)]
            nodes += MOVES[rng.integers(len(MOVES))](*chosen)
        return autograd.sum(nodes).tanh()

    checked(compiled(tangle, rng.normal(size=3), rng.normal(size=2)))


@settings(max_examples=15)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    count=st.integers(1, 3),
    activation=st.sampled_from(["tanh", "relu", "sigmoid"]),
)
def test_networks_over_a_batch_have_every_node_in_its_array(sizes, count, activation):
    model = nn.MLP(sizes[0], sizes[1:], activation=activation, rng=0)
    X = np.random.default_rng(1).normal(size=(count, sizes[0]))
    program = compiled(lambda x: autograd.sum(model(x)) if sizes[-1] > 1 else model(x) ** 2, X,
                       batch="x")  # fmt: skip
    ops = program.scalars.ops
    lines = [o.line for op, o in zip(ops, checked(program), strict=True) if op not in FREE]
    assert min(lines) >= 0
    assert set(lines) == set(range(len(program.instructions)))


def test_the_graph_is_built_again_with_its_numbers_and_gradients():
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    x = autograd.values([0.5, -1.0], "x")
    L = nn.binary_cross_entropy(model(x), 1)
    L.label = "L"
    L.backward()
    program = autograd.lift(L, wrt=[*x, *model.parameters()]).program
    nodes = replayed(program)
    again = {node.label: node for node in nodes if node.label}
    for leaf in (*x, *model.parameters(), L):
        assert again[leaf.label].data == leaf.data
        assert again[leaf.label].grad == leaf.grad
    assert nodes[program.result] is again["L"]


def test_a_constant_result_has_no_gradients():
    program = compiled(lambda _: autograd.constant(3.0), 2.0)
    assert [node.has_grad for node in replayed(program)] == [False, False]


def test_labels_are_kept_where_places_do_not_tell_them():
    def function(x):
        u = x[0] * x[1]
        u.label = "u"
        return u.exp()

    program = compiled(function, [1.0, 2.0])
    assert (program.labels.nodes.tolist(), program.labels.texts) == ([2], ("u",))
    assert program.names == {0: "x[0]", 1: "x[1]", 2: "u"}
