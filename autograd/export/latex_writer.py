"""Write the expressions of programs as LaTeX, with as few brackets as a reader needs."""

import ast
import re
from typing import Any

import numpy as np

from autograd.export.latex_terms import (
    ATOM,
    PLACES,
    POWER,
    PRODUCT,
    SUM,
    Term,
    gradient_name,
    label,
    number,
)
from autograd.export.lines import Statement, base_name
from autograd.expressions.latex import filled, operator
from autograd.expressions.printer import Written
from autograd.primitives import TABLE

AXES = "ijklm"
SIGNS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge", ast.Eq: "=", ast.NotEq: r"\ne",
}  # fmt: skip
SAME = {"whole", "asarray", "alike", "broadcast_to"}  # make no difference to what is meant


def _is_column(tree: ast.expr) -> bool:
    """Whether it is a row made a column, ``x[:, None]``."""
    return isinstance(tree, ast.Subscript) and ast.unparse(tree.slice) in {":, None", "(:, None)"}


def _takes_index(x: Term) -> bool:
    """Whether an index can be written to an array as it is: it has none yet, or has brackets."""
    return re.fullmatch(r"[^_^&]*|\\left\[.*\\right\]", x.text) is not None


class Terms:
    """Writes expressions; ``names`` has numbers for all names, which tell a product's kind."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.gradients = {f"d{key}": key for key in names}

    def run(self, line: Statement) -> None:
        """Compute a line, for the shapes of what comes later."""
        code = compile(ast.unparse(ast.fix_missing_locations(line)), "<autograd LaTeX>", "exec")
        with np.errstate(all="ignore"):
            exec(code, self.names)  # noqa: S102 - lines of our own compiler
        for target in ast.walk(line):
            if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                self.gradients[f"d{target.id}"] = target.id

    def rows(self, line: Statement) -> list[tuple[str, str]]:
        """Write a line as rows of left and right sides."""
        if isinstance(line, ast.AugAssign):
            at = self.write(line.target).text
            return [(at, f"{at} + {self.write(line.value).text}")]
        (target,) = line.targets
        if isinstance(target, ast.Tuple):  # cross-entropy, with the softmax that it keeps
            loss, kept = (self.label(ast.unparse(part)) for part in target.elts)
            assert isinstance(line.value, ast.Call)
            xs, k = (self.write(argument) for argument in line.value.args)
            soft = rf"\operatorname{{softmax}}({xs.text})"
            return [(kept, soft), (loss, rf"-\log ({kept})_{{{k.text}}}")]
        return [(self.label(base_name(target)), self.write(line.value).text)]

    def label(self, text: str) -> str:
        """Write a name."""
        known = self.gradients.get(text)
        return gradient_name(known) if known else label(text)

    def ndim(self, tree: ast.expr) -> int:
        """Count the axes of an expression."""
        code = compile(ast.unparse(tree), "<autograd LaTeX>", "eval")
        with np.errstate(all="ignore"):
            return int(np.ndim(eval(code, self.names)))  # noqa: S307 - as above

    def write(self, tree: ast.expr) -> Term:
        """Write an expression."""
        kind = type(tree).__name__
        writer = getattr(self, f"_{kind}", None)
        return writer(tree) if writer else Term(operator(ast.unparse(tree)))

    def _Name(self, tree: ast.Name) -> Term:
        if tree.id in {"inf", "nan"}:
            return number(float(tree.id))
        return Term(self.label(tree.id))

    def _Constant(self, tree: ast.Constant) -> Term:
        return number(float(tree.value))  # type: ignore[arg-type]

    def _UnaryOp(self, tree: ast.UnaryOp) -> Term:
        return Term(f"-{self.write(tree.operand).within(PLACES)}", SUM)

    def _Compare(self, tree: ast.Compare) -> Term:
        x, y = self.write(tree.left), self.write(tree.comparators[0])
        return Term(f"[{x.text} {SIGNS[type(tree.ops[0])]} {y.text}]")

    def _BinOp(self, tree: ast.BinOp) -> Term:
        return getattr(self, f"_{type(tree.op).__name__}")(tree)  # type: ignore[no-any-return]

    def _Add(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        if y.text.startswith("-"):
            return Term(f"{x.text} - {y.text[1:]}", SUM)
        return Term(f"{x.text} + {y.text}", SUM)

    def _Sub(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        return Term(f"{x.text} - {y.within(PLACES)}", SUM)

    def _Mult(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        arrays = self.ndim(tree.left) > 0 and self.ndim(tree.right) > 0
        if _is_column(tree.left) and self.ndim(tree.right) == 1:
            return Term(rf"{x.within(PRODUCT)} {y.within(ATOM)}^\top", PRODUCT)
        if x.text == y.text and x.strength == ATOM:
            circle = r"\odot " if arrays else ""
            return Term(rf"{x.text}^{{{circle}2}}", POWER)
        if arrays:
            return Term(rf"{x.within(PLACES)} \odot {y.within(PRODUCT)}", PLACES)
        right = y.within(PRODUCT)
        dot = r"\cdot " if right[:1].isdigit() or right.startswith(r"\frac") else ""
        return Term(rf"{x.within(PRODUCT)} {dot}{right}", PRODUCT)

    def _MatMult(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        return Term(f"{x.within(PRODUCT)} {y.within(PRODUCT)}", PRODUCT)

    def _Div(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        return Term(rf"\frac{{{x.text}}}{{{y.text}}}", POWER)

    def _Pow(self, tree: ast.BinOp) -> Term:
        x, y = self.write(tree.left), self.write(tree.right)
        circle = r"\odot " if self.ndim(tree.left) else ""
        return Term(rf"{x.within(ATOM)}^{{{circle}{y.text}}}", POWER)

    def _BitAnd(self, tree: ast.BinOp) -> Term:
        return Term(rf"{self.write(tree.left).text} \land {self.write(tree.right).text}", SUM)

    def _BitOr(self, tree: ast.BinOp) -> Term:
        return Term(rf"{self.write(tree.left).text} \lor {self.write(tree.right).text}", SUM)

    def _Tuple(self, tree: ast.Tuple) -> Term:
        return Term(r";\, ".join(self.write(part).text for part in tree.elts))

    def _Attribute(self, tree: ast.Attribute) -> Term:
        return Term(rf"{self.write(tree.value).within(ATOM)}^\top", POWER)

    def _Subscript(self, tree: ast.Subscript) -> Term:
        parts = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        shown = [self._place(part) for part in parts]
        if set(shown) <= {":", "None", "..."} or shown == ["...", "0"]:
            return self.write(tree.value)  # it only meets arrays of other shapes
        places = ", ".join(part.replace(":", "{:}") for part in shown if part != "None")
        return Term(f"{self.write(tree.value).within(ATOM)}[{places}]")

    def _place(self, part: ast.expr) -> str:
        if isinstance(part, ast.Slice):
            return ast.unparse(part)
        if isinstance(part, ast.Constant):
            return "..." if part.value is Ellipsis else repr(part.value)
        return self.write(part).text

    def _Call(self, tree: ast.Call) -> Term:
        if isinstance(tree.func, ast.Attribute):
            return self._method(tree, tree.func)
        called = ast.unparse(tree.func)
        if called in SAME:
            return self.write(tree.args[0])
        special = getattr(self, f"_{called}_of", None)
        if special:
            return special(tree.args)  # type: ignore[no-any-return]
        parts = [self.write(argument) for argument in tree.args]
        entry = TABLE.get(called)
        if entry is not None and not entry.variadic:
            missing = len(entry.arguments) - len(parts)
            parts += [number(x) for x in list(entry.defaults.values())[-missing:] if missing]
        if entry is None or not entry.latex or len(parts) != len(entry.arguments):
            return Term(rf"{operator(called)}({', '.join(part.text for part in parts)})")
        whole = [p.strength == ATOM and (not entry.variadic or _takes_index(p)) for p in parts]
        operands = [Written(p.text, ATOM if w else SUM) for p, w in zip(parts, whole, strict=True)]
        return Term(*filled(entry, operands))

    def _method(self, tree: ast.Call, function: ast.Attribute) -> Term:
        x = self.write(function.value)
        if function.attr == "item":
            return x
        if function.attr == "mean":
            return Term(rf"\frac{{1}}{{n}} \sum_n {x.within(PLACES)}", PRODUCT)
        if function.attr == "sum" and not tree.keywords and isinstance(function.value, ast.Call):
            inner = function.value.func
            if isinstance(inner, ast.Attribute) and inner.attr == "ravel":
                x = self.write(inner.value)
        if function.attr == "sum":
            axis = next((ast.unparse(k.value) for k in tree.keywords if k.arg == "axis"), "")
            return Term(rf"\sum{self._index(axis, function.value)} {x.within(PLACES)}", PLACES)
        if function.attr == "ravel" or not tree.args:
            return Term(rf"\operatorname{{vec}}({x.text})")
        sizes = ",".join(ast.unparse(argument) for argument in tree.args).strip("()")
        if sizes == "":
            return x
        return Term(rf"\operatorname{{{function.attr}}}_{{{sizes}}}({x.text})")

    def _index(self, axis: str, tree: ast.expr) -> str:
        """Name the axis that is summed over: n for the samples, i for rows, j for columns."""
        if not axis:
            return ""
        places = [int(a) % self.ndim(tree) for a in axis.strip("()").split(",") if a.strip()]
        last = self.ndim(tree) - 1
        letters = ["n" if p == last and "n" in self.names else AXES[p] for p in places]
        return rf"_{{{', '.join(letters)}}}"

    def _sum_of(self, args: list[ast.expr]) -> Term:
        return Term(rf"\sum_i {self.write(args[0]).within(PLACES)}", PLACES)

    def _vdot_of(self, args: list[ast.expr]) -> Term:
        x, y = map(self.write, args)
        if self.ndim(args[0]) == 1:
            return Term(rf"{x.within(ATOM)}^\top {y.within(PRODUCT)}", PRODUCT)
        return Term(rf"\langle {x.text},\, {y.text} \rangle")

    def _einsum_of(self, args: list[ast.expr]) -> Term:
        assert isinstance(args[0], ast.Constant)
        left, _, out = str(args[0].value).partition("->")
        gone = "".join(dict.fromkeys(c for c in left if c.isalpha() and c not in out))
        factors = [
            rf"({self.write(x).text})_{{{letters}}}"
            for letters, x in zip(left.split(","), args[1:], strict=True)
        ]
        over = rf"\sum_{{{', '.join(gone)}}} " if gone else ""
        return Term(over + r" \, ".join(factors), PLACES)

    def _concatenate_of(self, args: list[ast.expr]) -> Term:
        return Term(rf"\left[{self.write(args[0]).text}\right]")

    def _where_of(self, args: list[ast.expr]) -> Term:
        c, x, y = map(self.write, args)
        rows = rf"{x.text} & {c.text} \\ {y.text} & \text{{else}}"
        return Term(rf"\begin{{cases}} {rows} \end{{cases}}")

    def _onehot_of(self, args: list[ast.expr]) -> Term:
        return Term(rf"\operatorname{{onehot}}({self.write(args[0]).text})")

    def _zeros_of(self, _: list[ast.expr]) -> Term:
        return Term("0")

    _zeros_like_of = _zeros_of

    def _add_at_of(self, args: list[ast.expr]) -> Term:
        places, numbers = self.write(args[0]).text, self.write(args[1]).text
        return Term(rf"\operatorname{{scatter}}_{{{places}}}({numbers})")
