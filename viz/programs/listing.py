"""Read a program's text: which line computes an array, which its gradient, what is returned."""

import ast
from dataclasses import dataclass, field

from autograd.compiler.programs.program import Program


@dataclass
class Listing:
    """A program's lines, by the name that they assign.

    ``result_name`` is the array that is returned as it is; where the result is computed after the
    last instruction, ``result_line`` has the line, and ``result_reads`` the names that it reads.
    """

    lines: dict[str, list[str]] = field(default_factory=dict)
    gradients: dict[str, tuple[str, ...]] = field(default_factory=dict)
    result_name: str = ""
    result_line: str = ""
    result_reads: frozenset[str] = frozenset()

    def line(self, name: str) -> str:
        """Return the line that computes an array, its name where that line was left out."""
        return "; ".join(self.lines.get(name, [name]))

    def gradient(self, name: str) -> tuple[str, ...]:
        """Return what computes an array's gradient; nothing where another line took it up."""
        return self.gradients.get(name) or tuple(self.lines.get(f"d{name}", ()))


def listing(program: Program) -> Listing:
    """Read a program's text.

    >>> import autograd
    >>> step = autograd.compile(lambda a, b: autograd.exp(a) * b)
    >>> value, gradients = step(1.0, 2.0)
    >>> found = listing(step.program)
    >>> found.line("T1"), found.gradient("b"), found.result_name
    ('T1 = exp(a)', ('T1',), 'T2')
    """
    (function,) = ast.parse(program.source).body
    assert isinstance(function, ast.FunctionDef)
    found = Listing()
    *body, last = function.body
    for statement in body:
        for name in assigned(statement):
            found.lines.setdefault(name, []).append(ast.unparse(statement))
    assert isinstance(last, ast.Return)
    assert last.value is not None
    parts = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
    _result(found, parts[0], {step.out.name for step in program.instructions})
    if program.wanted:
        assert isinstance(parts[1], ast.Tuple)
        for array, gradient in zip(program.wanted, parts[1].elts, strict=True):
            text = ast.unparse(gradient)
            if text != f"d{array.name}":
                found.gradients[array.name] = (text,)
    return found


def _result(found: Listing, returned: ast.expr, computed: set[str]) -> None:
    """Note what is returned: an instruction's array, or something computed of such."""
    text = ast.unparse(returned).removesuffix(".item()")
    if text in computed:
        found.result_name = text
        return
    found.result_line = found.line(text)
    tree = ast.parse(found.result_line)
    found.result_reads = frozenset(_names(tree)) - {text if text in found.lines else ""}


def assigned(statement: ast.stmt) -> list[str]:
    """Return the names that a statement assigns, or adds to in place."""
    assert isinstance(statement, ast.Assign | ast.AugAssign)
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [name for target in targets for name in _names(target)]


def _names(tree: ast.AST) -> list[str]:
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
