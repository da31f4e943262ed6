"""Take a program's text apart: its lines, its result, the gradients, the comparisons."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from autograd.compiler.programs.program import Program
from autograd.primitives import TABLE
from autograd.rules.backends import OPAQUE

Statement = ast.Assign | ast.AugAssign


class ExportError(ValueError):
    """Raised where a program has something that the place it is to go to lacks."""


@dataclass(frozen=True)
class Body:
    """A program's text: what it takes, its lines, and what it returns."""

    parameters: tuple[str, ...]
    lines: tuple[Statement, ...]
    result: ast.expr
    gradients: tuple[ast.expr, ...]
    guards: tuple[ast.expr, ...]

    def forward(self) -> "Body":
        """Leave out what only the gradients need.

        >>> import autograd
        >>> step = autograd.compile(lambda a, b: a * b + a, engine="numpy")
        >>> value = step(2.0, 3.0)
        >>> print(body_of(step.program).forward().text("f"))
        def f(a, b):
            T1 = a * b + a
            return T1
        <BLANKLINE>
        """
        needed = set(names_of((self.result, *self.guards)))
        kept: list[Statement] = []
        for line in reversed(self.lines):
            targets = target_names(line)
            if not needed.intersection(targets):
                continue
            if len(targets) == 2 and targets[1] not in needed:
                line = _alone(line)  # noqa: PLW2901 - the same line, shorter
            needed.update(names_of((line.value,)))
            kept.append(line)
        return replace(self, lines=tuple(reversed(kept)), gradients=())

    def changed(self, transformer: ast.NodeTransformer) -> "Body":
        """Rewrite every expression; a transformer may make other lines of a line."""

        def made(tree: ast.expr) -> ast.expr:
            rewritten: ast.expr = transformer.visit(_copy(tree))
            return rewritten

        return replace(
            self,
            lines=tuple(transformer.visit(_copy(line)) for line in self.lines),
            result=made(self.result),
            gradients=tuple(map(made, self.gradients)),
            guards=tuple(map(made, self.guards)),
        )

    def texts(self) -> list[str]:
        """Write the lines."""
        return [ast.unparse(ast.fix_missing_locations(line)) for line in self.lines]

    def returned(self) -> str:
        """Write what is returned: the value, the gradients, what the comparisons said."""
        groups = [text_of(group) for group in (self.gradients, self.guards) if group]
        return ", ".join([ast.unparse(self.result), *groups])

    def text(self, name: str, *, doc: Iterable[str] = ()) -> str:
        """Write a function."""
        body = [*doc, *self.texts(), f"return {self.returned()}"]
        lines = [f"    {line}" if line else "" for line in body]
        return "\n".join([f"def {name}({', '.join(self.parameters)}):", *lines, ""])


def check_operations(program: Program, kind: str, *, derived: bool = False) -> None:
    """Refuse operations that are Python functions; ``derived``: that have derivatives of their own.

    Such a derivative is lost where the place differentiates the value itself.
    """
    for op in dict.fromkeys(step.op for step in program.instructions):
        entry = TABLE[op]
        rules = " ".join((entry.rule, *entry.partials, *entry.vjps))
        if any(re.search(rf"\b{name}\(", rules) for name in OPAQUE):
            raise ExportError(
                f"{kind}: {op} cannot be exported: it is, or its derivative is, a Python function; "
                "give its rule and derivatives as text"
            )
        if derived and not entry.exact and op != "stop_gradient":
            raise ExportError(
                f"{kind}: {op} cannot be exported: its derivative is not that of its rule, which "
                f"{kind} would take"
            )


def is_number(program: Program) -> bool:
    """Whether a program's result is one number, not several or arrays (``gradients=False``)."""
    outputs = program.outputs
    return outputs is None or (
        len(outputs) == 1 and outputs[0].shape == () and not outputs[0].sample
    )


def check_number(program: Program, kind: str) -> None:
    """Refuse programs of several results where there is to be one number."""
    if not is_number(program):
        raise ExportError(
            f"{kind}: the program returns several results or arrays, and {kind} takes one number; "
            "'numpy', 'jax' and 'latex' take them"
        )


def body_of(program: Program) -> Body:
    """Parse a program's text; batches come with their samples along the first axis."""
    if program.source.startswith("#"):
        raise ExportError(
            "the program is too irregular for a short text: compile or lift it with "
            "engine='numpy', which writes the long one, and export that"
        )
    (function,) = ast.parse(program.source).body
    assert isinstance(function, ast.FunctionDef)
    *lines, last = function.body
    assert isinstance(last, ast.Return)
    assert last.value is not None
    groups = [last.value]
    if program.wanted or program.guards:
        assert isinstance(last.value, ast.Tuple)
        groups = list(last.value.elts)
    result, *rest = groups
    if program.outputs is not None:
        assert isinstance(result, ast.Tuple)
        result.elts = result.elts[: len(program.outputs)]  # without what is watched
        result = result.elts[0] if is_number(program) else result
    tuples = [tuple(group.elts) for group in rest if isinstance(group, ast.Tuple)]
    gradients = tuples.pop(0) if program.wanted else ()
    guards = tuples.pop(0) if program.guards else ()
    turned = [line for array in program.arrays if array.sample for line in _turned(array)]
    parameters = tuple(argument.arg for argument in function.args.args)
    statements = tuple(line for line in (*turned, *lines) if isinstance(line, Statement))
    body = Body(parameters, statements, result, gradients, guards)
    return body if program.outputs is None else body.forward()


def _turned(array: object) -> list[ast.stmt]:
    name, ndim = array.name, len(array.shape)  # type: ignore[attr-defined]
    if not ndim:
        return []
    axes = ", ".join(map(str, [*range(1, ndim + 1), 0]))
    turn = f"{name}.T" if ndim == 1 else f"{name}.transpose({axes})"
    return ast.parse(f"{name} = {turn}").body


def _alone(line: Statement) -> Statement:
    """Compute the cross-entropy without the softmax that only its gradient needs."""
    assert isinstance(line, ast.Assign)
    (target,) = line.targets
    assert isinstance(target, ast.Tuple)
    text = ast.unparse(line.value).replace("cross_entropy_softmax", "cross_entropy", 1)
    (alone,) = ast.parse(f"{ast.unparse(target.elts[0])} = {text}").body
    assert isinstance(alone, ast.Assign)
    return alone


def _copy(tree: ast.AST) -> ast.AST:
    """Copy a tree, which a transformer changes in place."""
    if isinstance(tree, ast.stmt):
        return ast.parse(ast.unparse(ast.fix_missing_locations(tree))).body[0]
    return ast.parse(ast.unparse(tree), mode="eval").body


def text_of(group: Iterable[ast.expr]) -> str:
    """Write a tuple.

    >>> text_of([ast.Name("a")]), text_of([ast.Name("a"), ast.Name("b")])
    ('(a,)', '(a, b)')
    """
    parts = [ast.unparse(tree) for tree in group]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def target_names(line: Statement) -> list[str]:
    """Return the names that a line gives a number to, or adds to."""
    target = line.targets[0] if isinstance(line, ast.Assign) else line.target
    if isinstance(target, ast.Tuple):
        return [ast.unparse(part) for part in target.elts]
    return [base_name(target)]


def base_name(target: ast.expr) -> str:
    """Return the array that a place is in.

    >>> base_name(ast.parse("dW.reshape(2, 3)[0]", mode="eval").body)
    'dW'
    """
    while not isinstance(target, ast.Name):
        target = target.func if isinstance(target, ast.Call) else target.value  # type: ignore[attr-defined]
    return target.id


def names_of(trees: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names in some trees, in order, again and again where they occur so."""
    for tree in trees:
        yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def described(program: Program) -> list[str]:
    """Describe a program's arrays, a line each: name, shape, and what they are."""
    rows = []
    for array in program.arrays:
        sizes = [*(["n"] if array.sample else []), *map(str, array.shape)]
        shape = f"({', '.join(sizes)}{',' * (len(sizes) == 1)})" if sizes else "a number"
        what = "samples along the first axis" if array.sample else array.kind
        rows.append(f"{array.name}: {shape}, {what}")
    return rows
