"""Collect the source of the helper functions that a text needs, and of what these need in turn."""

import ast
import builtins
import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from autograd.compiler.runtime import array_functions as runtime
from autograd.export.namespaces import numpy_name
from autograd.primitives import CONSTANTS, TABLE
from autograd.rules import floats, special
from autograd.rules.backends import ARRAYS, signature, written
from autograd.rules.parsing import for_arrays

ALONG = {"sum": "np.sum", "prod": "np.prod", "max": "np.max", "min": "np.min"}  # the first axis
HEAD = '''\
def each(function, *xs):
    """Call a function of floats for each element."""
    return np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), dtype=float)
'''
OF_FLOATS = {  # NumPy lacks these
    **{name: getattr(special, name) for name in ("lgamma", "digamma", "polygamma")},
    "round": floats.round_to, "erf": math.erf, "erfc": math.erfc,
}  # fmt: skip


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
        if name in OF_FLOATS:
            function = OF_FLOATS[name]
            self._float(function)
            self.sources.setdefault("each", HEAD)
            own = "math." * inspect.isbuiltin(function) + function.__name__
            return f"each({', '.join((own, *arguments))})"
        if not hasattr(builtins, name) or name in TABLE:
            name = self._array(name)
        return f"{name}({', '.join(arguments)})"

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Name a function as the file has it, in the source of another one."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.keywords:
            return node
        return ast.parse(self.call(node.func.id, *map(ast.unparse, node.args)), mode="eval").body

    def _array(self, name: str) -> str:
        """Define an array function, where NumPy has none; return its name."""
        function = runtime.FUNCTIONS.get(name) or ARRAYS[name]
        own = numpy_name(function)
        if own:
            return f"np.{own}"
        if name not in self.sources:
            if name in TABLE and name not in runtime.FUNCTIONS and not _written(function):
                source = written(name, signature(TABLE[name]), TABLE[name], for_arrays)
                doc = TABLE[name].summary
            else:
                source, doc = inspect.getsource(function), _doc(function)
            known = {**CONSTANTS, **getattr(function, "__globals__", {})}
            self._define(name, self.visit(ast.parse(source)), doc, known)
        return name

    def _float(self, function: Callable[..., Any]) -> None:
        """Define a function of floats as this project has it, and what it uses."""
        name = function.__name__
        if inspect.isbuiltin(function) or name in self.sources:
            return
        self.sources[name] = ""  # it may use itself, by another function
        tree = ast.parse(inspect.getsource(function))
        known: Mapping[str, Any] = function.__globals__
        for used in names_of(tree):
            if inspect.isfunction(known.get(used)):
                self._float(known[used])
        self._define(name, tree, _doc(function), known)

    def _define(self, name: str, tree: ast.Module, doc: str, known: Mapping[str, Any]) -> None:
        """Write a function, and the numbers that it names."""
        names = names_of(tree)
        for used in names:
            thing = known.get(used)
            if isinstance(thing, (tuple, list, int, float)) and used not in {"inf", "nan"}:
                self.sources.setdefault(used, _constant(used, thing))
        self.names.update(names)
        self.sources.pop(name, None)
        self.sources[name] = _bare(tree, name, doc)


def _doc(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _written(function: Callable[..., Any]) -> bool:
    """Whether an array function is written in the project, rather than made of a rule."""
    return getattr(function, "__module__", None) == "autograd.rules.arrays" and (
        function.__name__ != "<lambda>"
    )


def names_of(tree: ast.AST) -> list[str]:
    """Return the names in a tree, each once."""
    found = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return list(dict.fromkeys(found))


def _constant(name: str, thing: Any) -> str:
    """Write a constant, a number a line where it is long."""
    text = repr(thing)
    if len(text) > 80:
        text = re.sub(r", ", ",\n    ", text).replace("[", "[\n    ").replace("(", "(\n    ")
        text = re.sub(r"([\])])$", r",\n\1", text)
    return f"{name} = {text}\n"


def _bare(tree: ast.Module, name: str, doc: str) -> str:
    """Write a function without annotations, and with the first line of its docstring."""
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    function.name, function.returns = name, None
    for argument in function.args.args:
        argument.annotation = None
    if ast.get_docstring(function):
        del function.body[0]
    function.body = [
        ast.Assign([line.target], line.value)
        if isinstance(line, ast.AnnAssign) and line.value is not None
        else line
        for line in function.body
    ]
    head, _, rest = ast.unparse(ast.fix_missing_locations(tree)).partition("\n")
    return "\n".join([head, *[f'    """{doc}"""'] * bool(doc), rest, ""])
