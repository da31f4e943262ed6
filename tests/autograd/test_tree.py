"""Trees of containers: flattened and put together again, mapped, and their leaves' paths."""

from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, ValueArray
from autograd.tree import (
    GetAttrKey,
    GetItemKey,
    check_depth,
    keystr,
    register_node,
    tree_flatten,
    tree_flatten_with_path,
    tree_leaves,
    tree_map,
    tree_map_with_path,
    tree_structure,
    tree_unflatten,
)
from autograd.tree_spec import has_values


class Pair(NamedTuple):
    w: Any
    b: Any = 0.0


@dataclass
class Layer:
    w: Any
    b: Any = 0.0
    activation: str = field(default="tanh", metadata={"static": True})


@dataclass(frozen=True, slots=True)
class Frozen:
    x: Any
    y: Any = field(default=None, kw_only=True)


class Box:
    """A registered type, with data of its own."""

    def __init__(self, *items, name=""):
        self.items, self.name = items, name

    def __eq__(self, other):
        return type(other) is Box and (self.items, self.name) == (other.items, other.name)

    __hash__ = None


class Hidden:
    """A registered type whose children's paths are their own."""

    def __init__(self, x):
        self.x = x


register_node(Box, lambda box: (box.items, box.name), lambda name, xs: Box(*xs, name=name),
              lambda _, count: [GetAttrKey(f"items[{i}]") for i in range(count)])  # fmt: skip
register_node(Hidden, lambda h: (iter([h.x]), None), lambda _, xs: Hidden(*xs))


def objects(items):
    array = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        array[i] = item
    return array


def containers(inner):
    rows = st.lists(inner, max_size=3)
    names = st.one_of(st.text(max_size=3), st.integers(), st.tuples(st.booleans()))
    return st.one_of(
        rows,
        rows.map(tuple),
        st.dictionaries(names, inner, max_size=3),
        st.builds(Pair, inner, inner),
        st.builds(Layer, inner, inner, st.sampled_from(["tanh", "relu"])),
        st.builds(Frozen, inner, y=inner),
        st.builds(lambda xs, name: Box(*xs, name=name), rows, st.text(max_size=2)),
    )


trees = st.recursive(st.none() | st.integers() | st.text(max_size=3), containers, max_leaves=12)


@given(trees)
def test_what_is_flattened_is_put_together_again(tree):
    leaves, treedef = tree_flatten(tree)
    assert tree_unflatten(treedef, leaves) == tree
    assert treedef.num_leaves == len(leaves) == len(tree_leaves(tree))
    assert hash(treedef) == hash(tree_structure(tree))
    assert treedef == tree_structure(tree_map(lambda _: 0, tree))


@given(trees)
def test_a_map_that_changes_nothing(tree):
    assert tree_map(lambda x: x, tree) == tree
    assert tree_map(lambda x, y: (x, y), tree, tree) == tree_map(lambda x: (x, x), tree)


@given(trees)
def test_paths_lead_to_their_leaves(tree):
    for path, leaf in tree_flatten_with_path(tree)[0]:
        assert eval(keystr(path, "tree"), {"tree": tree}) == leaf
    assert [leaf for _, leaf in tree_flatten_with_path(tree)[0]] == tree_leaves(tree)


@given(trees, trees)
def test_structures_are_equal_where_nothing_but_leaves_differs(one, other):
    first, second = tree_structure(one), tree_structure(other)
    assert (first == second) == (str(first) == str(second) and _data(one) == _data(other))


def _data(tree):
    """What is not written in the text of a structure."""

    def data(treedef):
        return treedef.data, [data(child) for child in treedef.children]

    return data(tree_structure(tree))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (1.0, "*"),
        ([], "[]"),
        ((1, [2, (3,)]), "(*, [*, (*,)])"),
        ({"w": [1, None], 2: 3}, "{'w': [*, None], 2: *}"),
        (Pair(1, Layer(2, 3)), "Pair(*, Layer(*, *))"),
        (np.zeros(2), "*"),
        (objects([1, 2]), "ndarray(*, *)"),
    ],
)
def test_a_structure_as_text(tree, text):
    assert str(tree_structure(tree)) == text
    assert repr(tree_structure(tree)) == f"TreeDef({text})"


def test_dicts_keep_their_order():
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert tree_structure(one) != tree_structure(other)
    assert list(tree_map(str, other)) == ["b", "a"]


@pytest.mark.parametrize(
    ("tree", "plain"),
    [
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=1), {"a": 1}),
        (type("Row", (list,), {})([1]), [1]),
        (type("Two", (tuple,), {})((1, 2)), (1, 2)),
    ],
)
def test_derived_classes_come_back_plain(tree, plain):
    again = tree_map(lambda x: x, tree)
    assert again == plain
    assert type(again) is type(plain)


def test_a_dataclass_is_put_together_without_its_constructor():
    @dataclass
    class Unit:
        x: Any
        length: float = field(init=False)

        def __post_init__(self):
            self.length = abs(self.x)

    again = tree_map(lambda x: [x], Unit(-2.0))
    assert (again.x, again.length) == ([-2.0], [2.0])
    assert tree_structure(Layer(1)) != tree_structure(Layer(1, activation="relu"))
    assert tree_map(lambda x: -x, Layer(1, 2, "relu")) == Layer(-1, -2, "relu")


def test_none_holds_nothing_unless_it_is_asked_for():
    assert tree_leaves([1, None, (None,)]) == [1]
    assert tree_leaves([1, None], lambda x: x is None) == [1, None]
    assert tree_map(str, None) is None


def test_arrays_of_objects_are_containers():
    a = Value(1.0)
    array = np.array([[a, 2.0]], dtype=object)
    made = tree_map(lambda x: x * 2, array)
    assert made.shape == (1, 2)
    assert made[0, 1] == 4.0
    assert type(tree_map(lambda x: x, ValueArray([a]))) is ValueArray
    assert tree_map(lambda x: x * 2, objects([[1, 2], [3]])).tolist() == [[2, 4], [6]]
    numbers = np.array([1.0, 2.0])
    assert tree_map(lambda x: x, [numbers])[0] is numbers
    pairs, _ = tree_flatten_with_path({"a": array, "b": objects([1])})
    assert [keystr(path, "p") for path, _ in pairs] == ["p['a'][0, 0]", "p['a'][0, 1]", "p['b'][0]"]
    box = np.array(None, dtype=object)
    box[()] = a
    assert tree_leaves(box) == [a]


def test_one_leaf_may_stand_in_many_places():
    a = Value(1.0)
    leaves, treedef = tree_flatten([a, {"b": a}])
    assert leaves == [a, a]
    assert tree_unflatten(treedef, leaves)[1]["b"] is a


def test_steps_of_paths():
    pairs, _ = tree_flatten_with_path({"w": [Pair(1, 2)], (0,): 3, 1: Hidden(4)})
    assert [keystr(path, "p") for path, _ in pairs] == ["p['w'][0].w", "p['w'][0].b", "p[0,]",
                                                       "p[1][0]"]  # fmt: skip
    assert pairs[0][0] == (GetItemKey("w"), GetItemKey(0), GetAttrKey("w"))
    assert tree_map_with_path(lambda path, x: (len(path), x), [1, (2,)]) == [(1, 1), ((2, 2),)]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ([1, (2,), 3], r"tree 2 is \[\*, \(\*,\), \*\]; the first has \[\*, \(\*,\)\] there"),
        ([1, [2]], r"tree 2\[1\] is \[\*\]; the first has \(\*,\) there"),
        ([1, ([2],)], r"tree 2\[1\]\[0\] is \[\*\]; the first has \* there"),
    ],
)
def test_trees_of_other_structures_are_not_mapped(other, message):
    with pytest.raises(ValueError, match=message):
        tree_map(max, [1, (2,)], other)


def test_too_few_and_too_many_leaves():
    treedef = tree_structure([1, 2])
    with pytest.raises(ValueError, match=r"fewer leaves than TreeDef\(\[\*, \*\]\) has"):
        tree_unflatten(treedef, [1])
    with pytest.raises(ValueError, match="more leaves than"):
        tree_unflatten(treedef, [1, 2, 3])


def nested(levels, inner=1.0):
    for _ in range(levels):
        inner = [inner]
    return inner


def test_depth_is_limited():
    assert tree_leaves(nested(32)) == [1.0]
    check_depth(nested(32), "x")
    rows = [1.0]
    rows.append({"rows": (rows,)})
    for tree in (nested(33), nested(10_000), rows):
        for function in (tree_flatten, lambda x: check_depth(x, "a structure")):
            with pytest.raises(ValueError, match=r"a structure: got a list of \d, nested more th"):
                function(tree)
        assert not has_values([tree, tree])


def test_what_cannot_be_registered():
    with pytest.raises(TypeError, match=r"register_node: got an int \(3\); give a class"):
        register_node(3, None, None)
    for cls in (list, Box):
        with pytest.raises(ValueError, match=f"register_node: {cls.__name__} is registered alre"):
            register_node(cls, None, None)


def test_a_class_is_a_container_from_when_it_is_registered():
    Late = namedtuple("Late", "x y")  # noqa: PYI024 - has a class of its own
    assert tree_leaves(Late(1, 2)) == [1, 2]
    register_node(Late, lambda late: ((late.x,), late.y), lambda y, xs: Late(*xs, y))
    assert tree_leaves(Late(1, 2)) == [1]


KINDS = {
    "list": lambda x, y: [x, y],
    "tuple": lambda x, y: (x, y),
    "dict": lambda x, y: {"x": x, "y": y},
    "named tuple": Pair,
    "dataclass": Layer,
    "frozen dataclass": lambda x, y: Frozen(x, y=y),
    "registered": lambda x, y: Box(x, y, name="xy"),
    "nested": lambda x, y: {"p": Pair(Layer([x], (y,), "relu")), "n": None, "f": Frozen(Box())},
}


def product(tree):
    x, y, *_ = tree_leaves(tree)
    return x * x * y


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("engine", ["auto", "numpy", "tape"])
def test_derivatives_have_the_structure_of_their_argument(make, engine):
    tree, slopes = make(2.0, 3.0), make(12.0, 4.0)
    rest = [0.0 for _ in tree_leaves(slopes)[2:]]
    slopes = tree_unflatten(tree_structure(slopes), [12.0, 4.0, *rest])
    assert autograd.grad(product)(tree) == slopes
    assert autograd.vjp(product, tree)[1](1.0) == (slopes,)
    assert autograd.jvp(product, (tree,), (tree,)) == (12.0, 36.0)
    assert autograd.hvp(product, (tree,), (tree,))[0] == tree_unflatten(
        tree_structure(tree), [24.0, 8.0, *rest]
    )
    rows = autograd.hessian(product)(tree)
    assert tree_structure(
        rows, lambda x: tree_structure(x) == tree_structure(tree) and x is not rows
    )
    assert tree_leaves(rows)[: len(rest) + 2] == [6.0, 4.0, *rest]
    step = autograd.compile(product, engine=engine)
    for _ in range(4):
        assert step(tree) == (12.0, slopes)
        assert step.value(tree) == 12.0
    again = autograd.compile(lambda t: tree_map(lambda x: 2.0 * x, t), gradients=False)
    for _ in range(4):
        assert again(tree) == tree_map(lambda x: 2.0 * x, tree)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_blocks_of_structures(make):
    a, b = Value(2.0), Value(3.0)
    made = autograd.checkpoint(lambda t: tree_map(lambda x: x * x, t))(make(a, b))
    product(made).backward()
    assert (a.grad, b.grad) == (4 * a.data**3 * 9.0, 16.0 * 6.0)
    stopped = autograd.stop_gradient(make(a, b))
    assert [x.op for x in tree_leaves(stopped)[:2]] == ["stop_gradient"] * 2
    assert tree_structure(stopped) == tree_structure(make(a, b))


def test_what_belongs_to_a_structure_makes_another_program():
    step = autograd.compile(lambda layer: layer.w if layer.activation == "id" else layer.w.tanh())
    assert step(Layer(2.0, 1.0, "id"))[0] == 2.0
    assert step(Layer(2.0, 1.0))[0] == np.tanh(2.0)
    assert step(Layer(2.0, 1.0, "id"))[0] == 2.0


def test_errors_say_where():
    with pytest.raises(TypeError, match=r"got a str \('x'\) at argument 0\['p'\]\[1\]\.b; allowed"):
        autograd.grad(product)({"p": [1.0, Pair(2.0, "x")]})
    with pytest.raises(TypeError, match=r"tree\['p'\]\[1\]\.b: got a complex \(1j\); allowed are"):
        autograd.compile(product)({"p": [1.0, Pair(2.0, 1j)]})
    with pytest.raises(TypeError, match=r"tangent 0\.b is a list of 1; the primal has a number"):
        autograd.jvp(product, (Pair(1.0, 2.0),), (Pair(1.0, [2.0]),))
