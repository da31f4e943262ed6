"""Write a program's results as an ONNX model."""

from collections.abc import Sequence
from functools import partial, reduce
from math import pi
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd._checks import one_of
from autograd._version import __version__
from autograd.compiler.ir.array_ir import (
    SAMPLES,
    ArrayProgram,
    broadcast_shapes,
    full_parts,
)
from autograd.compiler.ir.evaluate import Operations
from autograd.compiler.ir.numpy_source import as_matmul
from autograd.compiler.programs.program import CallSpec
from autograd.errors import require
from autograd.export.namespaces import namespace
from autograd.export.program import (
    DTYPES,
    check_operations,
    equations_of,
    evaluate,
    is_batch,
    refuse,
    result_names,
)

OPSET, IR_VERSION = 18, 9  # of 2022: runtimes since then read these
SAME = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("asinh", "acosh", "atanh", "erf", "abs", "floor", "ceil", "sign", "sigmoid", "relu"),
)
# What ONNX has no operator for, in those that it has; `expm1` and `log1p` keep their digits near 0.
FORMULAS = {
    "div(x, y)": "x / y",
    "pow(x, y)": "x ** y",
    "expm1(x)": "where(abs(x) < 1, 2 * tanh(x / 2) / (1 - tanh(x / 2)), exp(x) - 1)",
    "log1p(x)": "where(1 + x == 1, x, log(1 + x) * x / where(1 + x == 1, 1, (1 + x) - 1))",
    "log2(x)": "log(x) / LN2",
    "log10(x)": "log(x) / LN10",
    "cbrt(x)": "sign(x) * abs(x) ** (1 / 3)",
    "floordiv(x, y)": "floor(x / y)",
    "mod(x, y)": "x - y * floor(x / y)",
    "atan2(x, y)": (
        "where(y > 0, atan(x / y), where(y < 0, atan(x / y) + where(x < 0, -PI, PI),"
        " sign(x) * (PI / 2)))"
    ),
    "erfc(x)": "1 - erf(x)",
}
# NumPy's operators by those of ONNX.
OPERATORS = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "power": "Pow",
    "negative": "Neg", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual", "equal": "Equal", "bitwise_and": "And", "bitwise_or": "Or",
}  # fmt: skip
REFUSED = ("lgamma", "digamma", "polygamma", "complements", "others", "add_at", "onehot")
LOGICAL = frozenset(
    {"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "And", "Or", "Not"}
)
VIEWS = frozenset({"Unsqueeze", "Reshape", "Transpose", "Expand", "Gather", "Slice"})
Shape = tuple[int | str, ...]  # with a symbol for the number of samples


def export(form: CallSpec, *, dtype: str = "float64") -> Any:
    """Return an `onnx.ModelProto` of a program's results.

    Its inputs are the program's arguments, batches with their samples along the first axis, all of
    ``dtype`` (positions too); its parameters are inside, by name. The output is ``value``, or there
    is ``result_1``, ... for each of several; where the program compares numbers there is another,
    ``holds``: whether all comparisons come out as they were traced (else the rest means nothing).
    """
    onnx = require("onnx", extra="onnx")
    check_operations(form.program, "onnx")
    program = equations_of(form.program, gradients=False)
    graph = Graph(onnx, one_of("dtype", dtype, DTYPES), program)
    arrays, inputs, helper = [], [], onnx.helper
    for variable in program.inputs:
        shape = outside(variable.shape)
        arrays.append(OnnxArray(graph, variable.name, shape))
        if variable.name in form.parameters:
            graph.constant(form.parameters[variable.name].astype(graph.dtype), variable.name)
        else:
            inputs.append(helper.make_tensor_value_info(variable.name, graph.code, shape))
    results, _, outcomes = evaluate(program, arrays, OnnxOperations(graph), SAMPLES)
    outputs = [
        _output(graph, name, result, graph.dtype)
        for name, result in zip(result_names(program), results, strict=True)
    ]
    if outcomes:
        holds = _holds(graph, outcomes, [guard.outcome for guard in form.program.guards])
        outputs.append(_output(graph, "holds", holds, np.dtype(bool)))
    made = helper.make_graph(
        graph.nodes, form.name, inputs, outputs, list(graph.constants.values())
    )
    return model_of(onnx, made)


def model_of(onnx: Any, graph: Any) -> Any:
    """Return a checked model of a graph."""
    helper = onnx.helper
    model = helper.make_model(
        graph, producer_name="scalar-autograd", producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
    )  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    return model


def outside(shape: Shape) -> Shape:
    """Return the shape that an array has outside: with the samples along the first axis."""
    return (SAMPLES, *shape[:-1]) if is_batch(shape) else shape


def _output(graph: "Graph", name: str, value: Any, kind: Any) -> Any:
    """Give a result its name; return the model's output."""
    array = graph.array_of(value)
    name, helper = graph.fresh(name), graph.onnx.helper
    graph.nodes.append(helper.make_node("Identity", [array.name], [name]))
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kind), array.shape)


def _holds(graph: "Graph", outcomes: Sequence[Any], expected: list[bool]) -> "OnnxArray":
    """Tell whether all comparisons, of all samples, come out as expected."""
    types = graph.onnx.TensorProto
    each: list[OnnxArray] = []
    for outcome, wanted in zip(outcomes, expected, strict=True):
        said = outcome if wanted else graph.each("Not", outcome)
        number = graph.array("Cast", said.shape, said, to=types.INT32)
        each.append(graph.array("Cast", (), graph.reduced("ReduceMin", number), to=types.BOOL))
    return reduce(partial(graph.each, "And"), each)


class Graph:
    """The nodes of a graph so far, and its constants."""

    def __init__(self, onnx: Any, dtype: str, program: ArrayProgram) -> None:
        self.onnx = onnx
        self.dtype = np.dtype(dtype)
        self.code = int(onnx.helper.np_dtype_to_tensor_dtype(self.dtype))
        self.nodes: list[Any] = []
        self.constants: dict[tuple[Any, ...], Any] = {}
        self.logical: set[str] = set()  # the names of arrays of truth values
        self.taken = {variable.name for variable in program.inputs}
        self.batch = next((v.name for v in program.inputs if is_batch(v.shape)), "")
        self.count = 0

    def constant(self, thing: Any, name: str = "") -> str:
        """Keep an array; return its name."""
        array = np.asarray(thing)
        key = (name, array.tobytes(), array.dtype.str, array.shape)
        if key not in self.constants:
            own = name or self.fresh(f"constant_{len(self.constants)}")
            self.constants[key] = self.onnx.numpy_helper.from_array(array, own)
            if array.dtype.kind == "b":
                self.logical.add(own)
        return str(self.constants[key].name)

    def fresh(self, name: str) -> str:
        """Return a name that nothing has."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def array_of(self, x: Any) -> "OnnxArray":
        """Return an array as it is, a number or a constant as an array."""
        if isinstance(x, OnnxArray):
            return x
        thing = np.asarray(x)
        kind = np.dtype(np.int64) if isinstance(x, np.ndarray) and thing.dtype.kind == "i" else (
            thing.dtype if thing.dtype.kind == "b" else self.dtype)  # fmt: skip
        return OnnxArray(self, self.constant(thing.astype(kind)), thing.shape)

    def array(self, op: str, shape: Shape, *inputs: Any, **attributes: Any) -> "OnnxArray":
        """Add a node; return its output as an array."""
        names = [self.array_of(x).name for x in inputs]
        self.count += 1
        name = self.fresh(f"{op.lower()}_{self.count}")
        self.nodes.append(self.onnx.helper.make_node(op, names, [name], **attributes))
        if op in LOGICAL or (op in VIEWS and names[0] in self.logical):
            self.logical.add(name)
        return OnnxArray(self, name, shape)

    def each(self, op: str, *operands: Any) -> "OnnxArray":
        """Add a node that works element by element, broadcast."""
        arrays = list(map(self.array_of, operands))
        return self.array(op, broadcast_shapes([x.shape for x in arrays]), *arrays)

    def reduced(
        self, op: str, x: Any, axes: Sequence[int] | None = None, keepdims: bool = False
    ) -> "OnnxArray":
        """Add a node that reduces an array along axes; None for all."""
        array = self.array_of(x)
        gone = range(len(array.shape)) if axes is None else axes
        if not gone:
            return array
        left = [
            1 if i in gone else size
            for i, size in enumerate(array.shape)
            if keepdims or i not in gone
        ]
        return self.array(op, tuple(left), array, whole(*gone), keepdims=int(keepdims))

    def sample_count(self) -> "OnnxArray":
        """Return an array that has the number of samples in it."""
        batch = OnnxArray(self, self.batch, (SAMPLES,))
        return self.array("Shape", (1,), batch, end=1)  # samples are the first axis there


def whole(*numbers: int) -> Any:
    """Return whole numbers: axes, sizes, starts."""
    return np.array(numbers, dtype=np.int64)


class OnnxArray(NDArrayOperatorsMixin):
    """The output of a node, with its shape; what is done to it becomes further nodes.

    The number of samples stays a symbol in shapes, as it is known only when the graph runs.
    """

    def __init__(self, graph: Graph, name: str, shape: Shape) -> None:
        self.graph, self.name, self.shape = graph, name, shape

    def __array_ufunc__(self, ufunc: Any, _: str, *operands: Any) -> "OnnxArray":
        if ufunc is np.not_equal:
            return self.graph.each("Not", self.graph.each("Equal", *operands))
        return self.graph.each(OPERATORS[ufunc.__name__], *operands)

    def __len__(self) -> int:
        size = self.shape[0]
        assert isinstance(size, int)
        return size


class OnnxOperations(Operations):
    """The primitives of programs as nodes of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        along = {"sum": "Sum", "max": "Max", "min": "Min", "prod": "Prod"}
        functions = {
            **{name: partial(graph.each, name.capitalize()) for name in SAME},
            **{name: partial(graph.reduced, f"Reduce{op}", axes=[0]) for name, op in along.items()},
            "maximum": partial(graph.each, "Max"), "minimum": partial(graph.each, "Min"),
            "round": self._round, "where": self._where, "whole": self._whole, "take": self._take,
            "asarray": graph.array_of, "PI": pi,
        }  # fmt: skip
        super().__init__(namespace(functions, "onnx", REFUSED, FORMULAS))

    def _round(self, x: Any, digits: Any = 0.0) -> OnnxArray:
        """Round to whole numbers."""
        if isinstance(digits, OnnxArray) or digits:
            refuse("round", "onnx", why="it rounds to whole numbers only")
        return self.graph.each("Round", x)

    def _where(self, c: Any, x: Any, y: Any) -> OnnxArray:
        """Choose by truth values, or by numbers that are not 0."""
        c = self.graph.array_of(c)
        return self.graph.each("Where", c if c.name in self.graph.logical else c != 0, x, y)

    def _whole(self, k: Any) -> OnnxArray:
        """Return positions as whole numbers."""
        k = self.graph.array_of(k)
        return self.graph.array("Cast", k.shape, k, to=self.graph.onnx.TensorProto.INT64)

    def _take(self, xs: Any, k: OnnxArray) -> OnnxArray:
        """Return one number for each of k."""
        graph, xs = self.graph, self.graph.array_of(xs)
        rest = xs.shape[1:]
        if not rest:
            return graph.array("Gather", k.shape, xs, k, axis=0)
        if k.shape == rest:
            index = graph.array("Unsqueeze", (1, *rest), k, whole(0))
            found = graph.array("GatherElements", (1, *rest), xs, index, axis=0)
            return graph.array("Squeeze", rest, found, whole(0))
        there = np.arange(len(xs)).reshape(-1, *[1] * len(rest))
        return graph.reduced(
            "ReduceSum", graph.each("Where", graph.each("Equal", there, k), xs, 0.0), [0]
        )

    def number(self, value: Any) -> Any:
        """Return a known scalar; the number of samples is known when the graph runs."""
        if value != SAMPLES:
            return value
        graph = self.graph
        number = graph.array("Cast", (1,), graph.sample_count(), to=graph.code)
        return graph.array("Squeeze", (), number)

    def einsum(self, x: Any, y: Any, spec: str) -> OnnxArray:
        """Return a sum of products, as a matrix product where it is one."""
        graph = self.graph
        left, _, out = spec.partition("->")
        operands = graph.array_of(x), graph.array_of(y)
        sizes = {c: s for letters, array in zip(left.split(","), operands, strict=True)
                 for c, s in zip(letters, array.shape, strict=True)}  # fmt: skip
        shape = tuple([sizes[c] for c in out])
        product = as_matmul(spec)
        if product is None:
            return graph.array("Einsum", shape, *operands, equation=spec)
        turned = [self.transpose(operands[i], order) for i, order in product]
        return graph.array("MatMul", shape, *turned)

    def reduce_sum(self, x: Any, axes: tuple[int, ...], keepdims: bool) -> OnnxArray:
        """Return a sum over axes."""
        return self.graph.reduced("ReduceSum", x, axes, keepdims)

    def mean(self, x: Any) -> OnnxArray:
        """Return the mean of all elements."""
        return self.graph.reduced("ReduceMean", x)

    def reshape(self, x: Any, shape: Shape) -> OnnxArray:
        """Return the elements in another shape."""
        sizes = [-1 if size == SAMPLES else int(size) for size in shape]
        return self.graph.array("Reshape", shape, x, whole(*sizes))

    def transpose(self, x: Any, order: tuple[int, ...]) -> OnnxArray:
        """Return the axes in another order."""
        array = self.graph.array_of(x)
        if order == tuple(range(len(order))):
            return array
        shape = tuple([array.shape[axis] for axis in order])
        return self.graph.array("Transpose", shape, array, perm=order)

    def index(self, x: Any, parts: tuple[Any, ...]) -> OnnxArray:
        """Return positions, slices and new axes."""
        graph, axis = self.graph, 0
        array = graph.array_of(x)
        full = full_parts(parts, len(array.shape))
        for part in full:
            before, after = array.shape[:axis], array.shape[axis + 1 :]
            if isinstance(part, int):
                array = graph.array("Gather", (*before, *after), array, np.array(part), axis=axis)
                continue
            if isinstance(part, slice) and part != slice(None):
                size = array.shape[axis]
                assert isinstance(size, int)
                start, stop, _ = part.indices(size)
                ends = whole(start), whole(stop), whole(axis)
                array = graph.array("Slice", (*before, stop - start, *after), array, *ends)
            axis += part is not None
        left = [part for part in full if not isinstance(part, int)]
        new = [place for place, part in enumerate(left) if part is None]
        if not new:
            return array
        sizes = iter(array.shape)
        shape = tuple([1 if part is None else next(sizes) for part in left])
        return graph.array("Unsqueeze", shape, array, whole(*new))

    def gather(self, x: Any, index: Any) -> OnnxArray:
        """Return rows or elements by their positions."""
        x, index = self.graph.array_of(x), self.graph.array_of(index)
        return self.graph.array("Gather", (*index.shape, *x.shape[1:]), x, index, axis=0)

    def broadcast_to(self, x: Any, shape: Shape) -> OnnxArray:
        """Return an array repeated along axes."""
        graph, sizes = self.graph, whole(*[1 if n == SAMPLES else int(n) for n in shape])
        if SAMPLES in shape:
            ones = [whole(*[1] * (len(shape) - 1))] if len(shape) > 1 else []
            every = graph.array("Concat", (len(shape),), *ones, graph.sample_count(), axis=0)
            sizes = graph.each("Mul", sizes, every)
        return graph.array("Expand", shape, x, sizes)

    def repeat_samples(self, x: Any, count: int) -> OnnxArray:
        """Return an array repeated along a new last axis."""
        x = self.index(x, (Ellipsis, None))
        return self.broadcast_to(x, (*x.shape[:-1], count))

    def concatenate(self, *parts: Any) -> OnnxArray:
        """Return arrays one after another along the first axis."""
        arrays = list(map(self.graph.array_of, parts))
        shape = (sum(map(len, arrays)), *broadcast_shapes([x.shape[1:] for x in arrays]))
        return self.graph.array("Concat", shape, *arrays, axis=0)

    def accumulate(self, shape: Shape, values: Sequence[Any], _: Sequence[Any]) -> OnnxArray:
        """Return zeros; there is no operator that adds to parts of them."""
        if values:
            refuse("adding to parts of an array", "onnx")
        return self.broadcast_to(0.0, shape)
