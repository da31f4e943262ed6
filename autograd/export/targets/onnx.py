"""Write a program's results as an ONNX model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
from autograd.export.namespaces import namespace, refusal
from autograd.export.program import (
    DTYPES,
    check_operations,
    equations_of,
    evaluate,
    is_batch,
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
PI = 3.141592653589793
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
    graph = Graph(onnx, one_of("dtype", dtype, DTYPES))
    graph.taken.update(variable.name for variable in program.inputs)
    given, inputs = _given(form, program, graph)
    operations = OnnxOperations(graph)
    results, _, outcomes = evaluate(program, given, operations, SAMPLES)
    outputs = [
        _output(graph, name, result, graph.dtype)
        for name, result in zip(result_names(program), results, strict=True)
    ]
    if outcomes:
        holds = _holds(graph, outcomes, [guard.outcome for guard in form.program.guards])
        outputs.append(_output(graph, "holds", holds, np.dtype(bool)))
    helper = onnx.helper
    made = helper.make_graph(
        graph.nodes, form.name, inputs, outputs, list(graph.constants.values())
    )
    model = helper.make_model(
        made, producer_name="scalar-autograd", producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
    )  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    return model


def _given(
    form: CallSpec, program: ArrayProgram, graph: "Graph"
) -> tuple[list["OnnxArray"], list[Any]]:
    """Return the arrays of a program, samples first, and the model's inputs among them."""
    helper = graph.onnx.helper
    arrays, inputs = [], []
    for variable in program.inputs:
        batch = is_batch(variable.shape)
        shape = (SAMPLES, *variable.shape[:-1]) if batch else variable.shape
        arrays.append(OnnxArray(graph, variable.name, shape))
        if batch and graph.batch is None:
            graph.batch = arrays[-1]
        if variable.name in form.parameters:
            graph.constant(form.parameters[variable.name].astype(graph.dtype), variable.name)
        else:
            inputs.append(helper.make_tensor_value_info(variable.name, graph.code, shape))
    return arrays, inputs


def _output(graph: "Graph", name: str, value: Any, kind: Any) -> Any:
    """Give a result its name; return the model's output."""
    array = graph.array_of(value)
    name = graph.fresh(name)
    helper = graph.onnx.helper
    graph.nodes.append(helper.make_node("Identity", [array.name], [name]))
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kind), array.shape)


def _holds(graph: "Graph", outcomes: Sequence[Any], expected: list[bool]) -> Any:
    """Tell whether all comparisons, of all samples, come out as expected."""
    whole = None
    for outcome, wanted in zip(outcomes, expected, strict=True):
        said = outcome if wanted else graph.each("Not", outcome)
        number = graph.array("Cast", said.shape, said.name, to=graph.onnx.TensorProto.INT32)
        least = graph.reduced("ReduceMin", number)
        one = graph.array("Cast", (), least.name, to=graph.onnx.TensorProto.BOOL)
        whole = one if whole is None else whole & one
    return whole


class Graph:
    """The nodes of a graph so far, and its constants; ``batch`` is an input that has samples."""

    def __init__(self, onnx: Any, dtype: str) -> None:
        self.onnx = onnx
        self.dtype = np.dtype(dtype)
        self.code = int(onnx.helper.np_dtype_to_tensor_dtype(self.dtype))
        self.batch: OnnxArray | None = None
        self.nodes: list[Any] = []
        self.constants: dict[tuple[Any, ...], Any] = {}
        self.logical: set[str] = set()  # the names of arrays of truth values
        self.taken: set[str] = set()
        self.count = 0

    def constant(self, thing: Any, name: str = "") -> str:
        """Keep an array; return its name."""
        array = np.asarray(thing)
        key = (array.tobytes(), array.dtype.str, array.shape)
        if name or key not in self.constants:
            own = name or self.fresh(f"constant_{len(self.constants)}")
            tensor = self.onnx.numpy_helper.from_array(array, own)
            if array.dtype.kind == "b":
                self.logical.add(own)
            self.constants[(name, *key) if name else key] = tensor
            return own
        return str(self.constants[key].name)

    def fresh(self, name: str) -> str:
        """Return a name that nothing has."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def node(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        self.count += 1
        name = self.fresh(f"{op.lower()}_{self.count}")
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), [name], **attributes))
        if op in LOGICAL or (op in VIEWS and inputs[0] in self.logical):
            self.logical.add(name)
        return name

    def array_of(self, x: Any) -> "OnnxArray":
        """Return an array as it is, a number or a constant as an array."""
        if isinstance(x, OnnxArray):
            return x
        thing = np.asarray(x)
        if thing.dtype.kind == "i" and thing.ndim:
            return OnnxArray(self, self.constant(thing.astype(np.int64)), thing.shape)
        return OnnxArray(
            self, self.constant(thing if thing.dtype.kind == "b" else thing.astype(self.dtype)),
            thing.shape,
        )  # fmt: skip

    def each(self, op: str, *operands: Any) -> "OnnxArray":
        """Add a node that works element by element, broadcast."""
        arrays = list(map(self.array_of, operands))
        shape = broadcast_shapes([x.shape for x in arrays])
        return self.array(op, shape, *[x.name for x in arrays])

    def sample_count(self) -> str:
        """Return the name of an array that has the number of samples in it."""
        assert self.batch is not None
        return self.node("Shape", [self.batch.name], end=1)  # samples are the first axis there

    def reduced(
        self, op: str, x: "OnnxArray", axes: Sequence[int] | None = None, keepdims: bool = False
    ) -> "OnnxArray":
        """Add a node that reduces an array along axes; None for all."""
        gone = range(len(x.shape)) if axes is None else axes
        if not gone:
            return x
        left = [
            1 if i in gone else size for i, size in enumerate(x.shape) if keepdims or i not in gone
        ]
        return self.array(op, tuple(left), x.name, self.whole(*gone), keepdims=int(keepdims))

    def array(self, op: str, shape: Shape, *inputs: str, **attributes: Any) -> "OnnxArray":
        """Add a node; return its output as an array."""
        return OnnxArray(self, self.node(op, inputs, **attributes), shape)

    def whole(self, *numbers: int) -> str:
        """Keep whole numbers: axes, sizes, starts."""
        return self.constant(np.array(numbers, dtype=np.int64))

    def is_logical(self, x: "OnnxArray") -> bool:
        """Whether an array has truth values, and no numbers."""
        return x.name in self.logical


def _infix(op: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forwards(self: "OnnxArray", other: Any) -> "OnnxArray":
        return self.graph.each(op, self, other)

    def backwards(self: "OnnxArray", other: Any) -> "OnnxArray":
        return self.graph.each(op, other, self)

    return forwards, backwards


class OnnxArray:
    """The output of a node, with its shape; what is done to it becomes further nodes.

    The number of samples stays a symbol in shapes, as it is known only when the graph runs.
    """

    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: Graph, name: str, shape: Shape) -> None:
        self.graph, self.name, self.shape = graph, name, shape

    __add__, __radd__ = _infix("Add")
    __sub__, __rsub__ = _infix("Sub")
    __mul__, __rmul__ = _infix("Mul")
    __truediv__, __rtruediv__ = _infix("Div")
    __pow__, __rpow__ = _infix("Pow")
    __lt__, _ = _infix("Less")
    __le__, _ = _infix("LessOrEqual")
    __gt__, _ = _infix("Greater")
    __ge__, _ = _infix("GreaterOrEqual")
    __and__, _ = _infix("And")
    __or__, _ = _infix("Or")
    __eq__, _ = _infix("Equal")

    def __ne__(self, other: object) -> "OnnxArray":  # type: ignore[override]
        return self.graph.each("Not", self.graph.each("Equal", self, other))

    def __neg__(self) -> "OnnxArray":
        return self.graph.each("Neg", self)

    def __len__(self) -> int:
        size = self.shape[0]
        assert isinstance(size, int)
        return size


class OnnxOperations(Operations):
    """The primitives of programs as nodes of a graph."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(namespace(_base(graph), "onnx", REFUSED, FORMULAS))
        self.graph = graph

    def number(self, value: Any) -> Any:
        """Return a known scalar; the number of samples is known when the graph runs."""
        if value != SAMPLES:
            return value
        graph = self.graph
        number = graph.node("Cast", [graph.sample_count()], to=graph.code)
        return graph.array("Squeeze", (), number)

    def einsum(self, spec: str, x: Any, y: Any) -> OnnxArray:
        """Return a sum of products, as a matrix product where it is one."""
        graph = self.graph
        left, _, out = spec.partition("->")
        operands = graph.array_of(x), graph.array_of(y)
        sizes = {c: s for letters, array in zip(left.split(","), operands, strict=True)
                 for c, s in zip(letters, array.shape, strict=True)}  # fmt: skip
        shape = tuple([sizes[c] for c in out])
        product = as_matmul(spec)
        if product is None:
            names = [array.name for array in operands]
            return graph.array("Einsum", shape, *names, equation=spec)
        turned = [
            self.transpose(operands[i], tuple([axes.index(c) for c in wanted])).name
            for i, axes, wanted in product
        ]
        return graph.array("MatMul", shape, *turned)

    def reduce_sum(self, x: Any, axes: tuple[int, ...], keepdims: bool) -> OnnxArray:
        """Return a sum over axes."""
        return self.graph.reduced("ReduceSum", x, axes, keepdims)

    def mean(self, x: Any) -> OnnxArray:
        """Return the mean of all elements."""
        return self.graph.reduced("ReduceMean", x)

    def reshape(self, x: Any, shape: Shape) -> OnnxArray:
        """Return the elements in another shape."""
        x = self.graph.array_of(x)
        sizes = [-1 if size == SAMPLES else int(size) for size in shape]
        return self.graph.array("Reshape", shape, x.name, self.graph.whole(*sizes))

    def transpose(self, x: Any, order: tuple[int, ...]) -> OnnxArray:
        """Return the axes in another order."""
        array = self.graph.array_of(x)
        if order == tuple(range(len(order))):
            return array
        shape = tuple([array.shape[axis] for axis in order])
        return self.graph.array("Transpose", shape, array.name, perm=order)

    def index(self, x: Any, parts: tuple[Any, ...]) -> OnnxArray:
        """Return positions, slices and new axes."""
        graph, x, axis = self.graph, self.graph.array_of(x), 0
        full = full_parts(parts, len(x.shape))
        for part in full:
            if isinstance(part, int):
                position = graph.constant(np.array(part, dtype=np.int64))
                shape = (*x.shape[:axis], *x.shape[axis + 1 :])
                x = graph.array("Gather", shape, x.name, position, axis=axis)
            elif part is not None:
                x = x if part == slice(None) else self._sliced(x, axis, part)
                axis += 1
        left = [part for part in full if not isinstance(part, int)]
        new = [place for place, part in enumerate(left) if part is None]
        return self._unsqueezed(x, new)

    def _sliced(self, x: OnnxArray, axis: int, part: slice) -> OnnxArray:
        """Take a part of an axis."""
        size, whole = x.shape[axis], self.graph.whole
        assert isinstance(size, int)
        start, stop, _ = part.indices(size)
        shape = (*x.shape[:axis], stop - start, *x.shape[axis + 1 :])
        return self.graph.array("Slice", shape, x.name, whole(start), whole(stop), whole(axis))

    def _unsqueezed(self, x: OnnxArray, places: list[int]) -> OnnxArray:
        """Insert axes of length 1."""
        if not places:
            return x
        sizes = iter(x.shape)
        count = len(x.shape) + len(places)
        shape = tuple([1 if i in places else next(sizes) for i in range(count)])
        return self.graph.array("Unsqueeze", shape, x.name, self.graph.whole(*places))

    def gather(self, x: Any, index: Any) -> OnnxArray:
        """Return rows or elements by their positions."""
        x, index = self.graph.array_of(x), self.graph.array_of(index)
        shape = (*index.shape, *x.shape[1:])
        return self.graph.array("Gather", shape, x.name, index.name, axis=0)

    def broadcast_to(self, x: Any, shape: Shape) -> OnnxArray:
        """Return an array repeated along axes."""
        graph, x = self.graph, self.graph.array_of(x)
        sizes = graph.whole(*[1 if size == SAMPLES else int(size) for size in shape])
        if SAMPLES in shape:
            ones = [graph.whole(*[1] * (len(shape) - 1))] if len(shape) > 1 else []
            every = graph.node("Concat", [*ones, graph.sample_count()], axis=0)
            sizes = graph.node("Mul", [sizes, every])
        return graph.array("Expand", shape, x.name, sizes)

    def repeat_samples(self, x: Any, count: int) -> OnnxArray:
        """Return an array repeated along a new last axis."""
        x = self.index(x, (Ellipsis, None))
        return self.broadcast_to(x, (*x.shape[:-1], count))

    def concatenate(self, parts: Sequence[Any]) -> OnnxArray:
        """Return arrays one after another along the first axis."""
        arrays = list(map(self.graph.array_of, parts))
        shape = (sum(map(len, arrays)), *broadcast_shapes([x.shape[1:] for x in arrays]))
        return self.graph.array("Concat", shape, *[x.name for x in arrays], axis=0)


def _base(graph: Graph) -> dict[str, Any]:
    """Return the functions that ONNX has operators for."""

    def named(op: str) -> Callable[..., Any]:
        return lambda *xs: graph.each(op, *xs)

    def along(op: str) -> Callable[..., Any]:
        return lambda xs: graph.reduced(op, graph.array_of(xs), [0])

    def rounded(x: Any, digits: Any = 0.0) -> OnnxArray:
        if isinstance(digits, OnnxArray) or digits:
            refusal("round", "onnx", "it rounds to whole numbers only")()
        return graph.each("Round", x)

    return {
        **{name: named(name.capitalize()) for name in SAME},
        "maximum": named("Max"), "minimum": named("Min"), "PI": PI, "round": rounded,
        "sum": along("ReduceSum"), "max": along("ReduceMax"), "min": along("ReduceMin"),
        "prod": along("ReduceProd"), **_choosing(graph),
    }  # fmt: skip


def _choosing(graph: Graph) -> dict[str, Callable[..., Any]]:
    """Return what chooses and picks."""

    def where(c: Any, x: Any, y: Any) -> OnnxArray:
        c = graph.array_of(c)
        return graph.each("Where", c if graph.is_logical(c) else c != 0, x, y)

    def whole(k: Any) -> OnnxArray:
        k = graph.array_of(k)
        return graph.array("Cast", k.shape, k.name, to=graph.onnx.TensorProto.INT64)

    def take(xs: Any, k: OnnxArray) -> OnnxArray:
        xs = graph.array_of(xs)
        rest = xs.shape[1:]
        if not rest:
            return graph.array("Gather", k.shape, xs.name, k.name, axis=0)
        if k.shape == rest:
            index = graph.array("Unsqueeze", (1, *rest), k.name, graph.whole(0))
            found = graph.array("GatherElements", (1, *rest), xs.name, index.name, axis=0)
            return graph.array("Squeeze", rest, found.name, graph.whole(0))
        there = graph.array_of(np.arange(len(xs)).reshape(-1, *[1] * len(rest)))
        chosen = graph.each("Where", graph.each("Equal", there, k), xs, 0.0)
        return graph.reduced("ReduceSum", chosen, [0])

    return {"where": where, "whole": whole, "take": take, "asarray": graph.array_of}
