"""What is computed once and read once stands where it is read; lines stay short."""

from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Variable
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.inline import inline
from autograd.compiler.ir.numpy_source import numpy_source

build = Builder()
X, Y = Variable("X", (3, 3), "argument"), Variable("Y", (3, 3), "argument")


def d(name, shape=(3, 3)):
    return Variable(name, shape, "cotangent")


def matmul(x, y):
    return build.contract(x, "ik", y, "kj", "ij")


def lines(equations, *outputs):
    program = ArrayProgram((X, Y), {}, [Equation(v, x) for v, x in equations], outputs=outputs)
    body = numpy_source(inline(program, build)).splitlines()[1:]
    return [line.strip() for line in body]


def test_a_cotangent_that_is_read_once_stands_where_it_is_read():
    dZ, dW = d("dZ"), d("dW")
    pairs = [(dZ, build.mul(X, build.number(2.0))), (dW, matmul(dZ, X))]
    assert lines(pairs, dW, dW) == ["dW = X * 2.0 @ X", "return (dW, dW)"]


def test_one_that_two_read_keeps_its_name_and_so_does_a_result():
    dZ, dW, db = d("dZ"), d("dW"), d("db", (3,))
    pairs = [(dZ, build.mul(X, Y)), (dW, matmul(dZ, X)), (db, build.reduce_sum(dZ, [1]))]
    assert lines(pairs, dW, db)[0] == "dZ = X * Y"
    assert lines([(dZ, build.mul(X, Y))], dZ) == ["dZ = X * Y", "return (dZ,)"]


def test_a_line_that_would_be_too_long_stays_two():
    dZ, dW = d("dZ"), d("dW")
    long = X
    for i in range(14):
        long = build.add(long, Variable(f"name{i}", (3, 3), "argument"))
    assert len(lines([(dZ, long), (dW, matmul(dZ, X))], dW, dW)) == 3


def test_a_number_whose_method_is_called_is_an_array():
    dZ, dW = d("dZ", ()), d("dW", ())
    cut = build.make("item", dZ)
    assert lines([(dZ, build.number(2.0)), (dW, cut)], dW, dW)[0] == "dZ = asarray(2.0)"


def test_numbers_and_second_names_are_put_into_all_that_reads_them():
    d1, d2, d3 = d("d1", ()), d("d2", ()), d("d3")
    pairs = [(d1, build.number(2.0)), (d2, d1), (d3, build.mul(d2, X))]
    found = lines(pairs, d3, build.add(d3, d2), d1)
    assert found == ["d3 = 2.0 * X", "return (d3, d3 + 2.0, 2.0)"]


def test_what_came_from_another_line_counts_as_read_there():
    d1, d2, d3 = d("d1"), d("d2"), d("d3")
    pairs = [(d1, build.mul(X, Y)), (d2, matmul(d1, Y)), (d3, matmul(d2, X))]
    assert lines(pairs, d3, d3)[0] == "d3 = X * Y @ Y @ X"


def test_what_is_added_to_in_place_is_not_put_elsewhere():
    dX, dZ = d("dX"), d("dZ")
    parts = build.make("accumulate", Y, attributes=(((("index", (slice(0, 3),)),),), (3, 3)))
    found = lines([(dX, parts), (dZ, build.mul(dX, Y))], dZ, dZ)
    assert found[:2] == ["dX = zeros((3, 3))", "dX[0:3] += Y".replace("0:3", ":3")]


def test_a_line_that_names_very_much_takes_nothing_in():
    d1, J = d("d1"), d("J")
    total = d1
    for i in range(100):
        total = build.add(total, Variable(f"T{i}", (3, 3), "argument"))
    assert len(lines([(d1, matmul(X, Y)), (J, total)], J)) == 3
