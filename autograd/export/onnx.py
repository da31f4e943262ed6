"""Write a program's value as an ONNX model."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd._checks import one_of
from autograd._version import __version__
from autograd.compiler.programs.program import CallSpec
from autograd.errors import require
from autograd.export.jax import DTYPES
from autograd.export.lines import body_of, check_number, check_operations
from autograd.export.onnx_arrays import Graph, OnnxArray, each, together
from autograd.export.words import refusal, words

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


def to_onnx(form: CallSpec, *, dtype: str = "float64") -> Any:
    """Return an `onnx.ModelProto` of a program's value.

    Its inputs are the program's arguments, batches with their samples along the first axis, all of
    ``dtype`` (positions too); its parameters are inside, by name. The output is ``value``; where
    the program compares numbers there is another, ``holds``: whether all comparisons come out as
    they were traced (else the value means nothing).
    """
    onnx = require("onnx", extra="onnx")
    check_operations(form.program, "onnx")
    check_number(form.program, "onnx")
    graph = Graph(onnx, one_of("dtype", dtype, DTYPES))
    body = body_of(form.program).forward()
    names, inputs = _given(form, graph)
    for line in body.lines:
        assert isinstance(line, ast.Assign)
        graph.label = name = ast.unparse(line.targets[0])
        names[name] = _value(line.value, names)
    graph.label = ""
    value = _value(body.result, names)
    results = [(_named(graph, "value", value), graph.dtype)]
    if body.guards:
        outcomes = [_value(tree, names) for tree in body.guards]
        expected = [guard.outcome for guard in form.program.guards]
        holds = _holds(graph, outcomes, expected)
        results.append((_named(graph, "holds", holds), np.dtype(bool)))
    helper = onnx.helper
    outputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kind), [])
        for name, kind in results
    ]
    made = helper.make_graph(
        graph.nodes, form.name, inputs, outputs, list(graph.constants.values())
    )
    model = helper.make_model(
        made, producer_name="scalar-autograd", producer_version=__version__,
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
    )  # fmt: skip
    onnx.checker.check_model(model, full_check=True)
    return model


def _given(form: CallSpec, graph: Graph) -> tuple[dict[str, Any], list[Any]]:
    """Name the arrays of a program: inputs, parameters, constants."""
    helper = graph.onnx.helper
    names: dict[str, Any] = {**_names(graph), **form.program.kept}
    graph.taken.update(array.name for array in form.program.arrays)
    inputs = []
    for array in form.program.arrays:
        shape = (*([None] if array.sample else []), *array.shape)
        names[array.name] = OnnxArray(graph, array.name, shape)
        if array.name in form.parameters:
            graph.constant(form.parameters[array.name].astype(graph.dtype), array.name)
        else:
            sizes = ["n" if size is None else size for size in shape]
            code = helper.np_dtype_to_tensor_dtype(graph.dtype)
            inputs.append(helper.make_tensor_value_info(array.name, code, sizes))
    for name, thing in form.program.kept.items():
        if thing.dtype.kind != "i":
            kind = graph.dtype if thing.dtype.kind == "f" else bool
            constant = graph.constant(thing.astype(kind), name)
            names[name] = OnnxArray(graph, constant, thing.shape)
    return names, inputs


def _value(tree: ast.expr, names: dict[str, Any]) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(tree)), "<autograd ONNX>", "eval")
    return eval(code, names)  # noqa: S307 - lines of our own compiler


def _named(graph: Graph, name: str, value: Any) -> str:
    """Give a result its name."""
    array = value if isinstance(value, OnnxArray) else graph.number(value)
    name = graph.fresh(name)
    graph.nodes.append(graph.onnx.helper.make_node("Identity", [array.reshape(()).name], [name]))
    return name


def _holds(graph: Graph, outcomes: list[Any], expected: list[bool]) -> Any:
    """Tell whether all comparisons, of all samples, come out as expected."""
    whole = None
    for outcome, wanted in zip(outcomes, expected, strict=True):
        said = outcome if wanted else each(graph, "Not", outcome)
        number = graph.array("Cast", said.sizes, said.name, to=graph.onnx.TensorProto.INT32)
        least = number.reduced("ReduceMin", None)
        one = graph.array("Cast", (), least.name, to=graph.onnx.TensorProto.BOOL)
        whole = one if whole is None else whole & one
    return whole


def _names(graph: Graph) -> dict[str, Any]:
    """Return the names of programs as nodes of a graph."""

    def named(op: str) -> Callable[..., Any]:
        return lambda *xs: each(graph, op, *xs)

    def along(op: str) -> Callable[..., Any]:
        return lambda xs: xs.reduced(op, 0)

    base: dict[str, Any] = {name: named(name.capitalize()) for name in SAME}
    base |= {"maximum": named("Max"), "minimum": named("Min"), "PI": PI}
    base |= {"sum": along("ReduceSum"), "max": along("ReduceMax"), "min": along("ReduceMin"),
             "prod": along("ReduceProd")}  # fmt: skip
    base |= _structural(graph) | _shaping(graph)
    return words(base, "onnx", REFUSED, FORMULAS)


def _structural(graph: Graph) -> dict[str, Callable[..., Any]]:
    """Return what chooses, spreads and picks."""

    def as_array(x: Any) -> OnnxArray:
        return x if isinstance(x, OnnxArray) else graph.number(x)

    def where(c: Any, x: Any, y: Any) -> OnnxArray:
        c = as_array(c)
        made = next((n.op_type for n in graph.nodes[::-1] if c.name in n.output), "")
        logical = made in {"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "And", "Or",
                           "Not"}  # fmt: skip
        return each(graph, "Where", c if logical or c.name.startswith("mask") else c != 0, x, y)

    def whole(k: Any) -> OnnxArray:
        k = as_array(k)
        return graph.array("Cast", k.sizes, k.name, to=graph.onnx.TensorProto.INT64)

    def take(xs: OnnxArray, k: OnnxArray) -> OnnxArray:
        if xs.ndim == 1:
            return xs[k]
        if k.sizes == xs.sizes[1:]:
            index = k.unsqueezed([0])
            found = graph.array("GatherElements", (1, *k.sizes), xs.name, index.name, axis=0)
            return found[0]
        places = np.arange(len(xs)).reshape(-1, *[1] * (xs.ndim - 1))
        there = OnnxArray(graph, graph.constant(places), places.shape)
        chosen = each(graph, "Where", each(graph, "Equal", there, k), xs, 0.0)
        return chosen.reduced("ReduceSum", 0)

    return {"where": where, "whole": whole, "take": take, "asarray": as_array}


def _shaping(graph: Graph) -> dict[str, Callable[..., Any]]:
    """Return what multiplies, joins and spreads."""

    def rounded(x: Any, digits: Any = 0.0) -> OnnxArray:
        if isinstance(digits, OnnxArray) or digits:
            refusal("round", "onnx", "it rounds to whole numbers only")()
        return each(graph, "Round", x)

    def einsum(text: str, *operands: OnnxArray) -> OnnxArray:
        left, _, out = text.partition("->")
        sizes = {c: s for letters, x in zip(left.split(","), operands, strict=True)
                 for c, s in zip(letters, x.sizes, strict=True)}  # fmt: skip
        shape = tuple(sizes[c] for c in out)
        return graph.array("Einsum", shape, *[x.name for x in operands], equation=text)

    def concatenate(parts: tuple[OnnxArray, ...]) -> OnnxArray:
        count = sum(len(part) for part in parts)
        shape = (count, *together([part.sizes[1:] for part in parts]))
        return graph.array("Concat", shape, *[part.name for part in parts], axis=0)

    def alike(x: Any, n: OnnxArray) -> OnnxArray:
        x = x if isinstance(x, OnnxArray) else graph.number(x)
        column = x[..., None]
        count = graph.node("Cast", [n.reshape(1).name], to=graph.onnx.TensorProto.INT64)
        sizes = graph.node("Concat", [graph.whole(*[size or 0 for size in x.sizes]), count], axis=0)
        return graph.array("Expand", (*column.sizes[:-1], None), column.name, sizes)

    return {
        "round": rounded, "einsum": einsum, "concatenate": concatenate, "alike": alike,
        "vdot": lambda x, y: (x * y).sum(),
    }  # fmt: skip
