"""Write the compiled kernel's source, ``_kernel.pyx``, from the table and the templates.

``setup.py`` calls `write` at build time. Rules are written as C expressions (`c_expressions`) that
call functions of ``libm`` or of the templates. The docstrings of `Value` and its methods are copied
from the plain kernel.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from autograd.kernels.cython import reduction_source
from autograd.kernels.cython.c_expressions import called, for_c
from autograd.primitives import CONSTANT, CONSTANTS, LEAF, TABLE, Primitive, table_digest

HERE = Path(__file__).parent
PARTS = ("head", "modes", "functions", "memory", "value", "nodes", "walk", "flat_graph", "lists")
LIBM = (
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "floor", "ceil"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"),
    *("atanh", "erf", "erfc"),
)
WRITTEN = frozenset({  # in functions.pyx.in
    "abs", "pow", "hypot", "atan2", "sign", "floordiv", "mod", "round", "cbrt", "lgamma",
    "digamma", "polygamma", "product_error",
})  # fmt: skip
FIXED = tuple(entry for entry in TABLE.values() if not entry.variadic)

UNARY = '''
    def {method}(self):
        """{entry.summary}"""
        cdef double x = self.number
        cdef double z = {rule}
        return node1(CODE_{entry.name}, z, self, {partials[0]})
'''
OPERATOR = """
    def {method}(self, other{modulo}):
        cdef double {mine} = self.number
        cdef double {theirs}, z
        cdef Value node
{guard}        if type(other) is Value:
            node = <Value>other
            {theirs} = node.number
            z = {rule}
            return node2(CODE_{entry.name}, z, {nodes}, {partials[0]}, {partials[1]})
        node = operand_of(other)
        if node is None:
            return NotImplemented
        {theirs} = node.number
{identity}        z = {rule}
        return node2(CODE_{entry.name}, z, {nodes}, {alone})
"""
APPLY = '''
def apply_{entry.name}({nodes}):
    """{entry.summary}"""
{reads}
    cdef double z = {rule}
    return {node}
'''
MODULO = """\
        if modulo is not None:
            return NotImplemented
"""
IDENTITY = """\
        if x == {entry.left_identity}:
            return self
"""


def write(target: Path) -> None:
    """Write the kernel's source to a file."""
    sections = {
        "names": _names, "digest": digest, "constants": _constants, "libm": libm,
        "functions": functions, "methods": _methods, "applies": _applies,
        "lists": reduction_source.kernel_functions,
    }  # fmt: skip
    head, mark, body = fill(PARTS, sections).partition("cdef class Value:")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(head + mark + _with_docstrings(body), encoding="utf-8")


def digest() -> Iterator[str]:
    """Write which table the kernel is built from."""
    yield f"TABLE_DIGEST = {table_digest()}"


def fill(parts: Sequence[str], sections: Mapping[str, Callable[[], Iterator[str]]]) -> str:
    """Join templates, replacing lines such as ``@names@`` by generated sections."""
    template = "\n\n".join((HERE / f"{part}.pyx.in").read_text(encoding="utf-8") for part in parts)
    return re.sub(r"@(\w+)@(?=\n)", lambda match: "\n".join(sections[match[1]]()), template)


def _with_docstrings(body: str) -> str:
    """Insert the plain kernel's docstrings into the class and its methods."""
    tree = ast.parse((HERE.parent / "python" / "value.py").read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    plain = next(node for node in classes if node.name == "Value")
    docs = {
        node.name: ast.get_docstring(node, clean=False)
        for node in reversed(plain.body)  # a getter comes before its setter, and overrides it
        if isinstance(node, ast.FunctionDef)
    }
    for name, doc in docs.items():
        if doc:
            signature = re.search(rf"    def {name}\(self[^\n]*\):\n(?!        \"\"\")", body)
            if signature is not None:
                end = signature.end()
                body = f'{body[:end]}        """{doc}"""\n{body[end:]}'
    doc = ast.get_docstring(plain, clean=False)
    return f'\n    """{doc}"""\n{body}'


def _names() -> Iterator[str]:
    yield repr((LEAF, CONSTANT, *TABLE))


def _constants() -> Iterator[str]:
    return constants((LEAF, CONSTANT, *TABLE))


def constants(names: Sequence[str]) -> Iterator[str]:
    """Write the constants that rules may use, and a code for each operation."""
    for name, number in CONSTANTS.items():
        if name not in {"inf", "nan"}:  # C's own
            yield f"cdef double {name} = {number!r}"
    yield "\ncdef enum:"
    yield from (f"    CODE_{name} = {code}" for code, name in enumerate(names))


def libm() -> Iterator[str]:
    """Write the functions that libm has."""
    for name in LIBM:
        yield f"cdef inline double c_{name}(double x) noexcept nogil: return libm.{name}(x)"


def functions() -> Iterator[str]:
    """Write the functions that rules call, each after those that it calls itself."""
    done = {*LIBM, *WRITTEN, "where"}
    pending = [entry for entry in FIXED if entry.name not in done]
    while pending:
        entry = next(e for e in pending if called(e.rule) <= done)
        parameters = ", ".join(f"double {name}" for name in entry.arguments)
        yield f"cdef inline double c_{entry.name}({parameters}) noexcept nogil:"
        yield f"    return {for_c(entry.rule, entry.name)}\n"
        done.add(entry.name)
        pending.remove(entry)


def _methods() -> Iterator[str]:
    for entry in FIXED:
        if len(entry.arguments) == 1:
            names = dict.fromkeys((entry.name, *entry.numpy))
            special = [f"__{entry.operator}__"] if entry.operator else []
            yield from (_fill(UNARY, entry, method=name) for name in (*names, *special))
        elif entry.operator:
            yield from (_operator(entry, reflected=reflected) for reflected in (False, True))


def _operator(entry: Primitive, *, reflected: bool) -> str:
    dx, dy = (for_c(text, entry.name) for text in entry.partials)
    ternary = entry.operator == "pow" and not reflected
    is_identity = reflected and entry.left_identity is not None
    return _fill(
        OPERATOR,
        entry,
        method=f"__{'r' if reflected else ''}{entry.operator}__",
        modulo=", modulo" if ternary else "",
        guard=MODULO if ternary else "",
        mine="y" if reflected else "x",
        theirs="x" if reflected else "y",
        nodes="node, self" if reflected else "self, node",
        identity=IDENTITY.format(entry=entry) if is_identity else "",
        alone=f"0.0, {dy}" if reflected else f"{dx}, 0.0",
    )


def _applies() -> Iterator[str]:
    """Write the functions that take a `Value` for every argument, and a dictionary of these."""
    for entry in FIXED:
        yield _apply(entry)
    yield "\nAPPLY = {"
    yield from (f"    {entry.name!r}: apply_{entry.name}," for entry in FIXED)
    yield "}"


def _apply(entry: Primitive) -> str:
    nodes = [f"{name}_" for name in entry.arguments]
    partials = [
        f"0.0 if {x}.code == CONSTANT else {for_c(text, entry.name)}"
        for x, text in zip(nodes, entry.partials, strict=True)
    ]
    node = f"node{len(nodes)}(CODE_{entry.name}, z, {', '.join((*nodes, *partials))})"
    reads = [
        f"    cdef double {name} = {x}.number"
        for name, x in zip(entry.arguments, nodes, strict=True)
    ]
    return _fill(
        APPLY,
        entry,
        nodes=", ".join(f"Value {x} not None" for x in nodes),
        reads="\n".join(reads),
        node=node,
    )


def _fill(template: str, entry: Primitive, **more: str) -> str:
    partials = [for_c(text, entry.name) for text in entry.partials]
    return template.format(
        entry=entry, rule=for_c(entry.rule, entry.name), partials=partials, **more
    )
