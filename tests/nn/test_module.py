import copy
import pickle
from collections import deque
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, constant
from autograd.value import label_row


class Net(nn.Module):
    def __init__(self):
        self.scale = Value(2.0)
        self.fixed = constant(3.0)
        self.result = self.scale * 2
        self.parts = {"a": nn.Neuron(1), 7: (Value(1.0), [Value(4.0)])}
        self.note = "a string is not looked into"
        self.again = self.scale


def test_names_come_in_order_of_definition_without_constants_results_and_repetitions():
    names = [name for name, _ in Net().named_parameters()]
    assert names == ["scale", "parts.a.w.0", "parts.a.b", "parts.7.0", "parts.7.1.0"]


def test_every_parameter_carries_the_name_it_has_in_the_outermost_module():
    class Pair(nn.Module):
        def __init__(self):
            self.encoder = nn.MLP(2, [3, 1])
            self.decoder = nn.Layer(1, 2)

    pair = Pair()
    assert all(value.label == name for name, value in pair.named_parameters())
    assert pair.encoder.layers[1].neurons[0].w[2].label == "encoder.layers.1.neurons.0.w.2"


def test_a_subclass_that_extends_a_constructor_is_labelled_as_a_whole():
    class Scaled(nn.MLP):
        def __init__(self):
            super().__init__(1, [1])
            self.scale = Value(1.0)

    assert Scaled().scale.label == "scale"


def test_a_shared_layer_is_counted_once():
    class Twice(nn.Module):
        def __init__(self):
            self.first = nn.Neuron(1)
            self.second = self.first

    assert [name for name, _ in Twice().named_parameters()] == ["first.w.0", "first.b"]


def test_modules_that_hold_each_other_end():
    class Child(nn.Module):
        def __init__(self, parent):
            self.parent = parent
            self.w = Value(1.0)

    class Parent(nn.Module):
        def __init__(self):
            self.child = Child(self)

    assert [name for name, _ in Parent().named_parameters()] == ["child.w"]


def test_a_very_deep_tree_is_walked():
    nested = [Value(1.0)]
    for _ in range(20_000):
        nested = [nested]
    module = nn.Module()
    module.nested = nested
    ((name, _),) = module.named_parameters()
    assert name.count(".") == 20_001
    while isinstance(nested, list):  # the interpreter would free it by recursion
        nested = nested.pop()


def test_two_parameters_of_one_name_are_an_error():
    module = nn.Module()
    module.parts = {1: Value(0.0), "1": Value(0.0)}
    with pytest.raises(ValueError, match=r"two parameters are named 'parts\.1'"):
        module.parameters()


def test_zero_grad_reaches_all():
    model = nn.MLP(2, [2, 1], activation="tanh", rng=0)
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.has_grad for p in model.parameters())


def test_a_module_without_call_says_so():
    with pytest.raises(TypeError, match=r"this Net cannot be called: define __call__"):
        Net()(1.0)


def test_repr_counts_parameters():
    assert repr(Net()) == "<Net(), 5 parameters>"
    holder = nn.Module()
    holder.inner, holder.w = nn.Module(), Value(1.0)
    assert repr(holder) == "<Module(inner=Module), 1 parameter>"


@given(st.lists(st.floats(), min_size=3, max_size=3))
def test_a_state_comes_back_bit_for_bit(numbers):
    names = ["w.0", "w.1", "b"]
    neuron = nn.Neuron(2)
    neuron.load_state_dict(dict(zip(names, numbers, strict=True)))
    assert np.array_equal(list(neuron.state_dict().values()), numbers, equal_nan=True)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"w.0": 1.0, "w.1": 1.0}, "does not fit this Neuron: missing b$"),
        ({"w.0": 1.0, "w.1": 1.0, "b": 1.0, "c": 0.0}, "unexpected c$"),
        ({"w.0": 1.0, "w.1": "1", "b": 1.0}, r"not a number: w\.1 is a str \('1'\)$"),
        ({"w.0": 1.0, "w.1": [1.0], "b": 10**400}, r"w\.1 is a list of 1, b is an int"),
        ({"a": 1.0}, "missing w.0, w.1, b; unexpected a"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, message):
    neuron = nn.Neuron(2, rng=0)
    before = neuron.state_dict()
    with pytest.raises(ValueError, match=message):
        neuron.load_state_dict(state)
    assert neuron.state_dict() == before


def test_a_long_list_of_names_is_cut():
    with pytest.raises(ValueError, match=r"missing w\.0, w\.1, w\.2, w\.3, w\.4 and 6 more"):
        nn.Neuron(10).load_state_dict({})


def test_a_state_must_be_a_dict():
    with pytest.raises(
        TypeError, match="state: got a list of 2; allowed: a dict of names and numbers"
    ):
        nn.Neuron(1).load_state_dict([1.0, 2.0])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("output", ["linear", "sigmoid", "tanh", "leaky_relu", "gelu"])
def test_a_copy_is_whole_and_separate(duplicate, output):
    model = nn.MLP(2, [3, 1], output=output, rng=0)
    other = duplicate(model)
    assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
    assert [p.label for p in other.parameters()] == [p.label for p in model.parameters()]
    other.parameters()[0].data = 9.0
    assert model.parameters()[0].data != 9.0


class Linear(nn.Module):
    """A line whose weights are in an array of Values, beside plain settings."""

    def __init__(self, start=0.5):
        self.W = np.array(autograd.values([[start, -start]]), dtype=object)
        self.b = Value(0.0)
        self.rate, self.grid, self.mixed = 0.1, np.zeros(3), {"w": Value(1.0), "power": 2}

    def __call__(self, x):
        z = self.W[0, 0] * x[0] + self.W[0, 1] * x[1] + self.b
        return z + self.mixed["w"] * x[0] ** self.mixed["power"]


NAMES = ["W.0.0", "W.0.1", "b", "mixed.w"]


def test_parameters_in_an_array_are_found_labelled_trained_and_saved(tmp_path):
    model = Linear()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert model.W[0, 1].label == "W.0.1"
    X = np.random.default_rng(0).normal(size=(20, 2))
    history = nn.fit(model, X, 3 * X[:, 0] - X[:, 1], lr=0.1, epochs=80, progress=False)
    assert history["loss"][-1] < 1e-2 * history["loss"][0]
    model.save(tmp_path / "line.json")
    other = Linear(0.25)
    other.load(tmp_path / "line.json")
    assert other.state_dict() == model.state_dict()
    assert copy.deepcopy(model).state_dict() == model.state_dict()


def test_plain_settings_may_change():
    model = Linear()
    model.rate, model.grid, model.mixed["power"] = 0, np.ones(2), 3
    model.note = [1, 2.0]
    assert [name for name, _ in model.named_parameters()] == NAMES


@pytest.mark.parametrize(
    ("name", "item", "message"),
    [
        ("b", 0, r"b is a parameter of this Linear, and an int \(0\) cannot take its place"),
        ("b", np.float32(1.0), "b is a parameter"),
        ("b", Value(1.0) * 2, "and a result of operations cannot"),
        ("W", np.zeros((1, 2)), "W is a parameter .* an ndarray of shape"),
        ("W", [[0.0, 0.0]], "W.0.0 is a parameter"),
        ("W", 1.0, "W is a parameter"),
        ("mixed", {"w": 1.0}, "mixed.w is a parameter .* set the number with .data"),
    ],
)
def test_a_parameter_is_not_replaced_by_what_is_none(name, item, message):
    for make in (Linear, lambda: pickle.loads(pickle.dumps(Linear()))):
        model = make()
        with pytest.raises(TypeError, match=message):
            setattr(model, name, item)
        assert [each for each, _ in model.named_parameters()] == NAMES


def test_a_number_within_a_list_is_noticed_by_whatever_needs_the_parameters(tmp_path):
    model = nn.MLP(2, [2, 1], rng=0)
    model.layers[0].neurons[1].w[1] = 0.3
    message = r"layers\.0\.neurons\.1\.w\.1 is a parameter of this Neuron, and a float \(0\.3\)"
    for use in (
        model.parameters,
        model.state_dict,
        lambda: model.save(tmp_path / "model.json"),
        lambda: nn.fit(model, [[1.0, 2.0]], [1.0], progress=False),
    ):
        with pytest.raises(TypeError, match=message):
            use()


def test_values_and_constants_may_take_a_parameters_place():
    neuron = nn.Neuron(2, rng=0)
    neuron.w = [Value(1.0), Value(2.0), Value(3.0)]
    neuron.b = autograd.constant(0.5)
    assert [name for name, _ in neuron.named_parameters()] == ["w.0", "w.1", "w.2"]
    with pytest.raises(TypeError, match=r"w\.2 is a parameter"):
        neuron.w = [Value(1.0), Value(2.0), 3.0]
    del neuron.w[2]
    assert len(neuron.parameters()) == 2


def test_parameters_that_were_added_later_are_kept_too():
    model = nn.MLP(1, [1], rng=0)
    model.layers[0].extra = [Value(1.0)]
    assert len(model.parameters()) == 3
    with pytest.raises(TypeError, match=r"extra\.0 is a parameter of this Layer"):
        model.layers[0].extra = [2.0]


class Plain:
    """A class whose author forgot to derive it from Module."""

    def __init__(self, item):
        self.item = item


@pytest.mark.parametrize(
    "hide",
    [
        lambda v: {v},
        lambda v: deque([v]),
        MappingProxyType,
        lambda v: SimpleNamespace(w=v),
        Plain,
        lambda v: Plain([{"w": v}]),
        lambda _v: Plain(nn.Neuron(1)),
    ],
)
def test_parameters_where_a_module_does_not_look_are_refused(hide):
    value = Value(1.0)
    hidden = hide({"w": value} if hide is MappingProxyType else value)

    class Hiding(nn.Module):
        def __init__(self):
            self.b = Value(0.0)
            self.hidden = hidden

    with pytest.raises(
        TypeError, match=r"hidden\..* is a Value within a .* derive a class of your"
    ):
        Hiding()


def test_objects_that_hold_known_parameters_or_constants_are_left_alone():
    neuron = nn.Neuron(1, rng=0)
    neuron.optimiser = nn.SGD(neuron.parameters())
    neuron.me = Plain(neuron)
    neuron.settings = Plain(constant(1.0))
    neuron.kind, neuron.function = Plain, len
    assert [name for name, _ in neuron.named_parameters()] == ["w.0", "b"]


@pytest.mark.parametrize("item", [Value(1.0), [Value(1.0)], {"a": nn.Neuron(1)}])
def test_a_parameter_of_the_class_is_refused(item):
    with pytest.raises(
        TypeError, match=r"w.* is a Value of the class Net, .* in __init__, as self\.w"
    ):
        type("Net", (nn.Module,), {"w": item})
    type("Net", (nn.Module,), {"w": constant(1.0)})


def test_slots_are_refused():
    with pytest.raises(TypeError, match="Net has __slots__"):
        type("Net", (nn.Module,), {"__slots__": ("w",)})


def test_a_parameter_in_an_array_of_no_dimension_has_the_attributes_name():
    class Net(nn.Module):
        def __init__(self):
            self.b = np.array(Value(0.5))

    net = Net()
    assert net.state_dict() == {"b": 0.5}
    net.b[()] = 1.0
    with pytest.raises(TypeError, match="b is a parameter of this Net, and a float"):
        net.parameters()


def test_a_number_takes_no_parameters_place_while_the_object_is_built():
    class Unbiased(nn.Neuron):
        def __init__(self, b):
            super().__init__(1)
            self.b = b

    assert list(Unbiased(constant(0.0)).state_dict()) == ["w.0"]
    with pytest.raises(TypeError, match=r"b is a parameter of this Unbiased, and a float \(0.0\)"):
        Unbiased(0.0)


def test_what_is_built_inside_a_constructor_is_labelled_once_and_for_all():
    elsewhere = []

    class Outer(nn.Module):
        def __init__(self):
            elsewhere.append(nn.MLP(1, [2], rng=0))
            self.inner = nn.MLP(1, [2], rng=0)
            assert self.inner.parameters()[0].label is None

    outer = Outer()
    assert outer.parameters()[1].label == "inner.layers.0.neurons.0.b"
    assert elsewhere[0].parameters()[1].label == "layers.0.neurons.0.b"


def test_a_constructor_that_fails_leaves_no_trace():
    class Broken(nn.Module):
        def __init__(self):
            self.inner = nn.Neuron(1)
            raise KeyError("broken")

    with pytest.raises(KeyError):
        Broken()
    assert nn.Neuron(1).b.label == "b"


def test_rows_remember_each_of_their_parameters():
    class Rows(nn.Module):
        def __init__(self):
            self.w = [Value(1.0), Value(2.0)]
            self.pairs = [(Value(3.0), Value(4.0)), [Value(5.0)]]
            self.tied = [self.w[0], self.w[1], Value(6.0)]

    model = Rows()
    names = ["w.0", "w.1", "pairs.0.0", "pairs.0.1", "pairs.1.0", "tied.2"]
    assert [name for name, _ in model.named_parameters()] == names
    for name, item in (("w.1", model.w), ("pairs.1.0", model.pairs[1]), ("tied.2", model.tied)):
        position = int(name[-1])
        before, item[position] = item[position], 0.5
        with pytest.raises(TypeError, match=rf"^{name} is a parameter of this Rows, and a float"):
            model.parameters()
        item[position] = before
    model.w = [Value(7.0)]
    model.w.append(0.5)  # a setting that stands where no parameter was
    assert len(model.parameters()) == 7


def test_names_of_rows_and_of_single_parameters_are_told_apart():
    class Twice(nn.Module):
        def __init__(self, **parts):
            self.parts = parts

    w = [Value(1.0), Value(2.0)]
    Twice(**{"w": w, "w.2": Value(3.0), "w.01": Value(4.0), "w.x": Value(5.0)})
    Twice(**{"w": w, f"w.{10**4000}0{10**4000}": Value(3.0)})  # more digits than `int` reads
    with pytest.raises(ValueError, match=r"two parameters are named 'parts\.w\.1'"):
        Twice(**{"w": w, "w.1": Value(3.0)})
    with pytest.raises(ValueError, match=r"two parameters are named 'parts\.w\.0'"):
        Twice(**{"w.0": Value(3.0), "w": w})
    with pytest.raises(ValueError, match=r"two parameters are named 'parts\.a\.b\.0'"):
        Twice(**{"a.b": w, "a": {"b": [Value(3.0)]}})


def test_labels_of_rows_are_texts_like_others():
    layer = nn.Layer(3, 2, rng=0)
    weight = layer.neurons[1].w[2]
    assert weight.label == "neurons.1.w.2"
    assert repr(weight) == f"Value({weight.data}, label='neurons.1.w.2')"
    assert weight.detach().label == weight.label
    for other in (copy.copy(weight), copy.deepcopy(weight), pickle.loads(pickle.dumps(weight))):
        assert other.label == weight.label
    weight.label = None
    assert weight.label is None
    weight.label = "w"
    assert (weight.label, layer.neurons[1].w[1].label) == ("w", "neurons.1.w.1")
    result = weight * 2
    label_row([Value(2.0), result], "v")
    assert (result.label, result.partials) == ("v.1", (2.0, 0.0))


def test_a_parameter_of_two_rows_is_counted_once():
    class Tied(nn.Module):
        def __init__(self):
            shared = Value(1.0)
            self.v, self.w = [Value(0.0), shared], [shared, Value(2.0)]

    assert [name for name, _ in Tied().named_parameters()] == ["v.0", "v.1", "w.1"]
