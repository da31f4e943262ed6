"""Write a program's equations as LaTeX, as the lecture has them: samples are columns."""

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.compiler.programs.program import CallSpec
from autograd.compiler.runtime import array_functions as runtime
from autograd.export.latex_terms import gradient_name
from autograd.export.latex_writer import Terms
from autograd.export.lines import Body, ExportError, body_of, is_number, target_names
from autograd.expressions.latex import name
from autograd.rules.backends import ARRAYS

SHORT = 40  # terms of a formula, beyond which steps are better
LONGEST = 5_000
Rows = list[tuple[str, str]]


def to_latex(form: CallSpec, *, formula: bool | None = None) -> str:
    r"""Return a program's equations, forwards and backwards, as an aligned block of LaTeX.

    It stands between dollar signs or ``\[`` and ``\]``; MathJax, KaTeX and LaTeX (amsmath) read it.
    A sum over the samples has the index n. ``formula``: write the value, and each derivative, as
    one formula of the leaves, rather than in steps; None for that where it is short and scalar.
    """
    body = body_of(form.program)
    scalar = all(array.shape == () and not array.sample for array in form.program.arrays)
    size = _size(body)
    if formula and size > LONGEST:
        raise ExportError(
            "latex: the steps do not go into one formula, or it would be too long; "
            "leave formula out"
        )
    if formula or (formula is None and scalar and size <= SHORT):
        return _aligned([_formulas(form, body)])
    return _aligned(list(_steps(form, body)))


def _size(body: Body) -> float:
    """Count the terms of the longest formula, before it is written: it can double at each step."""
    sizes: dict[str, float] = {}

    def size(tree: ast.expr) -> float:
        return sum(sizes.get(n.id, 1) if isinstance(n, ast.Name) else 1
                   for n in ast.walk(tree) if isinstance(n, ast.expr))  # fmt: skip

    for line in body.lines:
        targets = target_names(line)
        if isinstance(line, ast.AugAssign) or len(targets) > 1:
            return float("inf")
        sizes[targets[0]] = size(line.value)
    return max(size(tree) for tree in (body.result, *body.gradients, *body.guards))


def _aligned(groups: list[Rows]) -> str:
    r"""Write groups of rows, with a gap between them."""
    blocks = [" \\\\\n".join(map(_row, rows)) for rows in groups if rows]
    return "\\begin{aligned}\n" + " \\\\[1ex]\n".join(blocks) + "\n\\end{aligned}"


def _row(row: tuple[str, str]) -> str:
    """Write an equation, or a condition."""
    left, right = row
    return f"{left} &= {right}" if left else f"&{right}"


def _formulas(form: CallSpec, body: Body) -> Rows:
    """Write each result as one formula: steps in the place of their names."""
    known: dict[str, ast.expr] = {}
    samples = {"n", *(array.name for array in form.program.arrays if array.sample)}

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return known.get(node.id, node)

    def whole(tree: ast.expr) -> ast.expr:
        made: ast.expr = Put().visit(ast.parse(ast.unparse(tree), mode="eval").body)
        return made

    terms = Terms(_numbers(form))
    for line in body.lines:
        (target,) = target_names(line)
        if target not in samples:
            known[target] = whole(line.value)
        elif target == "n":
            terms.run(line)
    rows: Rows = [(left, terms.write(whole(tree)).text) for left, tree in _results(form, body)]
    for array, tree in zip(form.program.wanted, body.gradients, strict=True):
        left = rf"\frac{{\partial J}}{{\partial {name(array.name)}}}"
        rows.append((left, terms.write(whole(tree)).text))
    return rows + _conditions(terms, form, [whole(tree) for tree in body.guards])


def _results(form: CallSpec, body: Body) -> list[tuple[str, ast.expr]]:
    """Name the result, or each of several."""
    if is_number(form.program):
        return [("J", body.result)]
    assert isinstance(body.result, ast.Tuple)
    trees = body.result.elts
    return [(f"J_{{{i}}}" if len(trees) > 1 else "J", tree) for i, tree in enumerate(trees, 1)]


def _numbers(form: CallSpec) -> dict[str, Any]:
    """Return the names of a program with numbers: they tell which products are of arrays."""
    names: dict[str, Any] = {**ARRAYS, **runtime.FUNCTIONS, **form.program.kept}
    given = [np.moveaxis(x, 0, -1) if array.sample else x
             for array, x in zip(form.program.arrays, form.example(), strict=True)]  # fmt: skip
    return names | {a.name: x for a, x in zip(form.program.arrays, given, strict=True)}


def _steps(form: CallSpec, body: Body) -> Iterator[Rows]:
    """Write each line: those of the value, then those of the gradients."""
    terms = Terms(_numbers(form))
    forward = {target for line in body.forward().lines for target in target_names(line)}
    turned = {array.name for array in form.program.arrays if array.sample}
    rows: tuple[Rows, Rows] = ([], [])
    for line in body.lines:
        targets = target_names(line)
        if targets[0] in turned:
            continue  # samples are columns already
        if targets != ["n"]:
            rows[not set(targets) & forward].extend(terms.rows(line))
        terms.run(line)
    for left, tree in _results(form, body):
        if ast.unparse(tree) != left:
            rows[0].append((left, terms.write(tree).text))
    rows[0].extend(_conditions(terms, form, body.guards))
    shown = {left for group in rows for left, _ in group}
    for array, tree in zip(form.program.wanted, body.gradients, strict=True):
        left = gradient_name(array.name)
        right = terms.write(tree).text
        if left not in shown and left != right:
            rows[1].append((left, right))
    yield from rows


def _conditions(terms: Terms, form: CallSpec, guards: Any) -> Rows:
    """Say for which outcome of comparisons the program holds."""
    rows = []
    for guard, tree in zip(form.program.guards, guards, strict=True):
        test = terms.write(tree).text.removeprefix("[").removesuffix("]")
        said = "where" if guard.outcome else "where not"
        rows.append(("", rf"\text{{{said} }} {test}"))
    return rows
