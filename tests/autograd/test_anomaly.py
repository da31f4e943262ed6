"""detect_anomaly: the first bad number, its operation and inputs, and the user's own line."""

import math
import re
import threading

import numpy as np
import pytest

import autograd
from autograd import Value, detect_anomaly, no_grad
from autograd.anomaly import AnomalyDetector, formula
from autograd.context import context


def raised(program, *arguments):
    with pytest.raises(FloatingPointError) as caught, detect_anomaly():
        program(*arguments)
    return str(caught.value)


def place(line):
    """The end of a message: file, number and text of a line of this file."""
    return rf", at test_anomaly\.py:\d+: {re.escape(line)}$"


def test_value():
    def program(x):
        y = x + 0
        return y.log()

    text = raised(program, Value(0.0, "x"))
    assert re.fullmatch(r"log\(add=0\.0\) gave -inf" + place("return y.log()"), text)


def test_line_number():
    def program(x):
        return x.log()

    text = raised(program, Value(-1.0))
    line = program.__code__.co_firstlineno + 1
    assert text == f"log(-1.0) gave nan, at test_anomaly.py:{line}: return x.log()"


def through_operator(x):
    return 1 / x  # operator


def through_function(x):
    return autograd.log(x)  # function


def through_a_list(x):
    return autograd.log([1.0, x])  # list


def through_many(x):
    return autograd.dot([x, 1.0], [float("inf"), 1.0])  # many


def through_numpy(x):
    return np.log(x)  # NumPy


def through_an_array(x):
    return np.log(np.array([x]))  # array


def through_numpys_python(x):
    return np.mean(np.array([x + 1e308, x + 1e308]) * 1e10)  # mean


def through_nn(x):
    import nn

    layer = nn.Neuron(1)
    for w in layer.parameters():
        w.data = 1e308
    return layer([x + 10])  # neuron


@pytest.mark.parametrize(
    ("program", "op"),
    [
        (through_operator, "div"),
        (through_function, "log"),
        (through_a_list, "log"),
        (through_many, "dot"),
        (through_numpy, "log"),
        (through_an_array, "log"),
        (through_numpys_python, "mul"),
        (through_nn, "dot"),
    ],
)
def test_the_users_own_line(program, op):
    text = raised(program, Value(0.0, "x"))
    assert text.startswith(f"{op}(")
    comment = program.__name__.split("_")[-1]
    assert re.search(r", at test_anomaly\.py:\d+: return .*  # ", text), comment


def test_gradient():
    def program(x):
        y = x.sqrt()
        z = y * 3
        z.backward()

    text = raised(program, Value(0.0, "x"))
    assert re.fullmatch(
        r"the gradient inf flows to x=0\.0 through sqrt\(x=0\.0\) = 0\.0: incoming gradient 3 "
        r"times local derivative inf" + place("y = x.sqrt()"),
        text,
    )


def test_gradients_that_add_up_to_infinity():
    def program(x):
        y = 1e308 * x
        z = 1.5e308 * x
        (y + z).backward()

    text = raised(program, Value(0.1, "x"))
    assert re.fullmatch(
        r"the gradients that reach x=0\.1 add up to inf; the last, 1e\+308, came through "
        r"mul\(1e\+308, x=0\.1\)" + place("y = 1e308 * x"),
        text,
    )


def test_gradient_function_is_watched_too():
    for create_graph in (False, True):

        def program(x, create_graph=create_graph):
            y = x.sqrt()
            autograd.gradient(3 * y, [x], create_graph=create_graph)

        text = raised(program, Value(0.0, "x"))
        assert re.search(r"inf.*at test_anomaly\.py:\d+: ", text)

    def sums(x):
        autograd.gradient(1e308 * x + 1.5e308 * x, [x])

    assert "add up to inf" in raised(sums, Value(0.1))


def test_a_graph_from_outside():
    x = Value(0.0, "x")
    y = x.sqrt()
    text = raised(y.backward)
    assert text.endswith("at an unknown line (build the graph inside detect_anomaly to see it)")


def test_a_sound_program_gives_the_same_numbers():
    def program():
        a, b = Value(0.3), Value(-1.2)
        J = autograd.tanh(a * b + 2) * autograd.softmax([a, b, a * a])[0] + autograd.where(0, a, b)
        J = J + autograd.where(b > 0, autograd.sqrt(abs(b)), 0.0)
        J.backward()
        J.backward()
        return [x.hex() for x in (J.data, a.grad, b.grad, *autograd.gradient(J, [a, b]))]

    expected = program()
    with detect_anomaly():
        assert program() == expected


def shared_root(x):
    root = x.sqrt()
    return autograd.where(x > 0, root, 0) + root**2


LOST = {  # a computed 0 meets the infinite derivative of a root at 0, or of acos at 1
    "power": lambda x: x.sqrt() ** 2,
    "product": lambda x: x.sqrt() * x.sqrt(),
    "square": lambda x: autograd.square(x.sqrt() * 3),
    "factor": lambda x: 0 * x.sqrt(),
    "inside": lambda x: autograd.sqrt(x * x),
    "abs": lambda x: abs(x.sqrt()),
    "norm": lambda x: autograd.norm([x.sqrt(), 0 * x]),
    "cube": lambda x: autograd.cbrt(x) ** 3,
    "acos": lambda x: autograd.acos(autograd.cos(x)),
    "alive elsewhere": shared_root,
    "within a block": autograd.checkpoint(lambda x: x.sqrt() ** 2),
    "below a block": lambda x: autograd.checkpoint(autograd.sqrt)(x) ** 2,
}
INFINITE = {"inside", "acos", "below a block"}  # which come first on the way back
DEAD = {  # the 0 comes from a side that was not chosen
    "where": lambda x: autograd.where(x > 0, x.sqrt(), 0),
    "where, by a node": lambda x: autograd.where(x, x.sqrt(), x),
    "further down": lambda x: autograd.where(x > 0, (x.sqrt() + 1) ** 2 * x.sqrt(), x),
    "maximum": lambda x: autograd.maximum(x.sqrt(), 1),
    "minimum": lambda x: autograd.minimum(x.sqrt(), -1),
    "max": lambda x: autograd.max([3 * x.sqrt(), 1, x]),
    "min": lambda x: autograd.min([3 * x.sqrt(), -1, x]),
    "clip": lambda x: autograd.clip(x.sqrt(), 1, 2),
    "relu": lambda x: autograd.relu(x.sqrt() - 1),
    "leaky_relu": lambda x: autograd.leaky_relu(x.sqrt() - 1, 0),
    "take": lambda x: autograd.take([x.sqrt(), x], Value(1.0)),
    "stop_gradient": lambda x: autograd.stop_gradient(x.sqrt()) + x,
    "floor": lambda x: autograd.floor(x.sqrt()) + x,
    "less": lambda x: autograd.less(x.sqrt(), 1) + x,
    "within a block": autograd.checkpoint(lambda x: autograd.where(x > 0, x.sqrt(), 0)),
    "above a block": lambda x: autograd.checkpoint(lambda t: autograd.where(0, t, 1))(x.sqrt()),
}


def graph_of_gradient(function):
    x = Value(0.0)
    autograd.gradient(function(x), [x], create_graph=True)


SWEEPS = {
    "backward": lambda f: f(Value(0.0, "x")).backward(),
    "gradient": graph_of_gradient,
    "grad": lambda f: autograd.grad(f)(0.0),
    "jacobian": lambda f: autograd.jacobian(lambda xs: [xs[1], f(xs[0])])([0.0, 1.0]),
}


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.parametrize("name", LOST)
def test_a_computed_zero_that_meets_infinity_is_reported(name, sweep):
    text = raised(SWEEPS[sweep], LOST[name])
    start = r"(the gradient|div\(.*\) gave) -?inf" if name in INFINITE else "0 times infinity at "
    assert re.search(rf"^{start}.*, at test_anomaly\.py:\d+: ", text)


@pytest.mark.parametrize("sweep", [*SWEEPS, "jvp"])
@pytest.mark.parametrize("name", DEAD)
def test_the_side_of_a_choice_that_was_not_taken_is_not_reported(name, sweep):
    if sweep == "jvp" and "block" in name:
        pytest.skip("forward mode takes a block's derivatives as numbers, of both sides")
    with detect_anomaly():
        SWEEPS.get(sweep, lambda f: autograd.jvp(f, (0.0,), (1.0,)))(DEAD[name])
        if name == "where":
            assert autograd.grad(DEAD[name])(4.0) == 0.25
            assert autograd.where(1, Value(1.0), Value(-1.0).exp()).data == 1.0


def test_the_report_of_a_lost_derivative():
    def program(x):
        root = x.sqrt()
        y = root**2
        y.backward()

    text = raised(program, Value(0.0, "x"))
    line = program.__code__.co_firstlineno + 1
    assert text == (
        "0 times infinity at x=0.0 in sqrt(x=0.0) = 0.0: incoming gradient 0 times local "
        "derivative inf counts as 0, and what the derivative is in truth is lost, at "
        f"test_anomaly.py:{line}: root = x.sqrt(); write the function so that no infinite "
        "derivative is multiplied by 0, or choose a branch with where"
    )


def test_an_infinite_gradient_that_is_given_meets_a_computed_zero():
    def program(x):
        _, back = autograd.vjp(lambda v: v * 0.0 * v, x)
        back(math.inf)

    assert "incoming gradient inf times local derivative 0" in raised(program, 1.0)


def test_a_weight_of_zero_that_is_given_asks_for_nothing():
    with detect_anomaly():
        _, back = autograd.vjp(lambda x: [x, autograd.sqrt(x)], 0.0)
        assert back([1.0, 0.0]) == (1.0,)
        assert autograd.jvp(lambda x, y: x.sqrt() ** 2 + y, (0.0, 2.0), (0.0, 1.0)) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x.sqrt() ** 2, r"^the tangent inf comes to sqrt\(0\.0\) = 0\.0, at test_an"),
        (lambda x: autograd.sqrt(x * x), r"sqrt\(mul=0\.0\) = 0\.0: tangent 0 times .* inf"),
        (lambda x: 1e308 * x + 1e308 * x, r"^the tangent inf comes to add\("),
    ],
)
def test_forward_mode_is_watched(function, message):
    with detect_anomaly(), pytest.raises(FloatingPointError, match=message):
        autograd.jvp(function, (0.0,), (1.0,))
    with detect_anomaly():
        assert autograd.hvp(lambda x: autograd.exp(x) * x, (0.0,), (1.0,)) == (2.0,)


def test_outside_a_zero_stops_infinity():
    x = Value(0.0)
    (x.sqrt() ** 2).backward()
    assert x.grad == 0.0


def test_nested_blocks_know_each_others_lines():
    def program(x):
        y = x.sqrt()
        with detect_anomaly():
            z = y * 3
        with detect_anomaly():
            z.backward()

    assert re.search(place("y = x.sqrt()"), raised(program, Value(0.0)))
    assert (context.active, context.thread.anomaly_detectors) == (0, [])


def test_decorator_may_call_itself():
    @detect_anomaly()
    def program(x, depth):
        y = x.sqrt()
        if depth:
            program(x + 1, depth - 1)
        (3 * y).backward()

    with pytest.raises(FloatingPointError, match=place("y = x.sqrt()")):
        program(Value(0.0), 2)
    assert (context.active, context.thread.anomaly_detectors) == (0, [])


def test_with_no_grad():
    x = Value(0.0, "x")
    for first, second in [(detect_anomaly, no_grad), (no_grad, detect_anomaly)]:
        with first(), second():
            assert (x + 1).is_constant
            with pytest.raises(FloatingPointError, match=r"log\(x=0\.0\) gave -inf"):
                x.log()
    assert context.active == 0


def test_other_threads_are_not_watched():
    found = []

    def work():
        x = Value(0.0)
        y = x.log() * 2
        y.backward()
        found.append((y.data, x.grad))

    with detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [(-math.inf, math.inf)]


def test_off_afterwards():
    raised(Value(0.0).log)
    assert Value(0.0).log().data == -math.inf
    assert context.active == 0


def test_long_lists_are_cut():
    xs = [Value(float(i), f"x{i}") for i in range(100)]
    assert formula(autograd.sum(xs[:8])).endswith("x7=7.0)")
    assert formula(autograd.sum(xs)) == (
        "sum(x0=0.0, x1=1.0, x2=2.0, x3=3.0, x4=4.0, x5=5.0, x6=6.0, … 93 more)"
    )


def test_code_without_a_source():
    code = compile("Value(0.0).log()", "<nowhere>", "eval")
    assert raised(eval, code, {"Value": Value}) == "log(0.0) gave -inf, at <nowhere>:1"


def test_nodes_are_let_go_of():
    """A training loop inside one block does not keep all of its graphs."""
    with detect_anomaly():
        detector = context.thread.anomaly_detectors[-1]
        a = Value(0.5)
        kept = a
        for _ in range(100):
            kept = kept * a + 1
        for _ in range(30_000):
            (a * a + 1).tanh()
        assert len(detector.lines) <= 10_001
        node, count = kept, 0
        while node.inputs:
            assert node in detector.lines
            node, count = node.inputs[0], count + 1
    assert count == 200


def test_many_nodes_in_use_are_kept():
    detector = AnomalyDetector()
    detector.limit = 10
    with detect_anomaly():
        context.thread.anomaly_detectors = [detector]
        a = Value(0.5)
        nodes = [a * 2 for _ in range(100)]
    assert set(detector.lines) == set(nodes)


def test_inside_a_checkpoint_and_at_a_rule_for_the_way_back():
    at = r"at test_anomaly.py:\d+"
    v = Value(0.0, "v")
    w = Value(1.0, "w")
    with detect_anomaly():
        blocks = autograd.checkpoint(lambda x: autograd.checkpoint(autograd.sqrt)(x * w) + 1)(v)
        with pytest.raises(FloatingPointError, match=r"flows to mul=0\.0 through sqrt\(mul=0\.0\)"):
            blocks.backward()
        fine = autograd.checkpoint(lambda x: autograd.exp(x) * w * w)(v)
        v.zero_grad()
        w.zero_grad()
        fine.backward()
        assert (v.grad, w.grad) == (1.0, 2.0)
        fine.backward()
        assert (v.grad, w.grad) == (2.0, 4.0)
        blown = autograd.custom_vjp("blown", "x", "clip(g, -1, 1) / 0")
        message = (
            r"the gradient inf flows to w=1\.0 through blown\(w=1\.0\) = 1\.0: its rule made it "
            f"of the incoming gradient 2, {at}"
        )
        with pytest.raises(FloatingPointError, match=message):
            (2 * blown(w)).backward()
        with pytest.raises(FloatingPointError, match=r"inf flows to 1\.0 through blown"):
            autograd.grad(lambda x: 2 * blown(x))(1.0)
        with pytest.raises(FloatingPointError, match=r"inf flows to w=1\.0 through"):
            autograd.gradient(2 * blown(w), [w], create_graph=True)
