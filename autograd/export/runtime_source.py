"""Collect the source of the helper functions that a text needs, and of what these need in turn."""

import ast
import builtins
import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.compiler.runtime import array_functions as runtime
from autograd.primitives import CONSTANTS, TABLE
from autograd.rules import floats, special
from autograd.rules.backends import ARRAYS, signature, written
from autograd.rules.parsing import for_arrays

ALONG = {"sum": "np.sum", "prod": "np.prod", "max": "np.max", "min": "np.min"}  # the first axis
EACH = ("erf", "erfc", "lgamma", "digamma", "polygamma", "round")  # NumPy lacks these
HEAD = '''\
def each(function, *xs):
    """Call a function of floats for each element."""
    return np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), dtype=float)
'''
OF_FLOATS = {**{name: getattr(special, name) for name in ("lgamma", "digamma", "polygamma")},
             "round": floats.round_to, "erf": math.erf, "erfc": math.erfc}  # fmt: skip


class Helpers(ast.NodeTransformer):
    """Writes calls for a file that has only NumPy, and collects what it has to define.

    >>> helpers = Helpers()
    >>> print(helpers.call("tanh", "x"), helpers.call("relu", "y"), helpers.call("max", "xs"))
    np.tanh(x) relu(y) np.max(xs, axis=0)
    >>> list(helpers.sources)
    ['relu']
    """

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}  # by name; what is used comes before what uses it
        self.names: set[str] = set()  # what these name, beside their arguments

    def call(self, name: str, *arguments: str) -> str:
        """Write a function's call as the file has it."""
        if name in ALONG and name not in runtime.FUNCTIONS:
            return f"{ALONG[name]}({', '.join((*arguments, 'axis=0'))})"
        if name in EACH:
            function = OF_FLOATS[name]
            self._float(function)
            self.sources.setdefault("each", HEAD)
            return f"each({', '.join((_called(function), *arguments))})"
        if not hasattr(builtins, name) or name in TABLE:
            name = self._array(name)
        return f"{name}({', '.join(arguments)})"

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Name a function as the file has it, in the source of another one."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.keywords:
            return node
        return _parsed(self.call(node.func.id, *map(ast.unparse, node.args)))

    def _array(self, name: str) -> str:
        """Define an array function, where NumPy has none; return its name."""
        function = runtime.FUNCTIONS.get(name) or ARRAYS[name]
        own = getattr(function, "__name__", "")
        if getattr(np, own, None) is function:
            return f"np.{own}"
        if name not in self.sources:
            if name in TABLE and name not in runtime.FUNCTIONS and not _written(function):
                entry = TABLE[name]
                tree = ast.parse(written(name, signature(entry), entry, for_arrays))
                doc = entry.summary
            else:
                tree = ast.parse(inspect.getsource(function))
                doc = (inspect.getdoc(function) or "").partition("\n")[0]
            self._constants(tree, {**CONSTANTS, **getattr(function, "__globals__", {})})
            tree = self.visit(tree)
            self.names.update(names_of(tree))
            self.sources[name] = _bare(tree, name, doc)
        return name

    def _constants(self, tree: ast.AST, known: Mapping[str, Any]) -> None:
        """Define the numbers that a function names."""
        for name in names_of(tree):
            thing = known.get(name)
            if isinstance(thing, (tuple, list, int, float)) and name not in {"inf", "nan"}:
                self.sources.setdefault(name, _constant(name, thing))

    def _float(self, function: Callable[..., Any]) -> None:
        """Define a function of floats as this project has it, and what it uses."""
        if inspect.isbuiltin(function) or function.__name__ in self.sources:
            return
        tree = ast.parse(inspect.getsource(function))
        self.sources[function.__name__] = ""  # it may use itself, by another function
        known: Mapping[str, Any] = function.__globals__
        self._constants(tree, known)
        for used in names_of(tree):
            thing = known.get(used)
            if inspect.isfunction(thing) and thing is not function:
                self._float(thing)
        doc = (inspect.getdoc(function) or "").partition("\n")[0]
        self.names.update(names_of(tree))
        del self.sources[function.__name__]
        self.sources[function.__name__] = _bare(tree, function.__name__, doc)


def _written(function: Callable[..., Any]) -> bool:
    """Whether an array function is written in the project, rather than made of a rule."""
    return getattr(function, "__module__", None) == "autograd.rules.arrays" and (
        function.__name__ != "<lambda>"
    )


def names_of(tree: ast.AST) -> list[str]:
    """Return the names in a tree, each once."""
    found = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return list(dict.fromkeys(found))


def _called(function: Callable[..., Any]) -> str:
    return f"math.{function.__name__}" if inspect.isbuiltin(function) else function.__name__


def _constant(name: str, thing: Any) -> str:
    """Write a constant, a number a line where it is long."""
    text = repr(thing)
    if len(text) > 80:
        text = re.sub(r", ", ",\n    ", text).replace("[", "[\n    ").replace("(", "(\n    ")
        text = re.sub(r"([\])])$", r",\n\1", text)
    return f"{name} = {text}\n"


def _bare(tree: ast.AST, name: str, doc: str) -> str:
    """Write a function without annotations, and with the first line of its docstring."""
    assert isinstance(tree, ast.Module)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    function.name, function.returns = name, None
    for argument in function.args.args:
        argument.annotation = None
    function.body = [_plain(line) for line in function.body if not _is_text(line)]
    text = ast.unparse(ast.fix_missing_locations(tree))
    head, _, rest = text.partition("\n")
    return f'{head}\n    """{doc}"""\n{rest}\n' if doc else f"{text}\n"


def _plain(line: ast.stmt) -> ast.stmt:
    if isinstance(line, ast.AnnAssign) and line.value is not None:
        return ast.Assign([line.target], line.value)
    return line


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
