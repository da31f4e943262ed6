"""Make generated lines short: redundant parentheses, names used once, calls made twice."""

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd.compiler.writing.simplify import simplified

WIDTH = 88
LETTER = "d"  # gradients' names begin with it


def tidy(lines: Sequence[str]) -> list[str]:
    """Simplify each line, reuse what was computed before, put what is used once in its place."""
    (function,) = ast.parse("def f():\n " + "\n ".join(lines)).body
    trees: list[Any] = function.body  # type: ignore[attr-defined]
    for tree in trees:
        tree.value = simplified(_Turns().visit(tree.value))
    _reuse(trees)
    _inline(trees)
    return [ast.unparse(ast.fix_missing_locations(tree)) for tree in trees]


def _reuse(trees: list[ast.stmt]) -> None:
    """Name a call that an earlier line computes by that line's name."""
    known: dict[str, str] = {}

    class Replace(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            name = known.get(ast.unparse(node))
            return node if name is None else ast.Name(name, ast.Load())

    for tree in trees:
        tree.value = Replace().visit(tree.value)  # type: ignore[attr-defined]
        if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Tuple):
            call = tree.value  # what cross-entropy keeps beside its result
            known[f"softmax({ast.unparse(call.args[0])})"] = tree.targets[0].elts[1].id  # type: ignore[attr-defined]
        elif isinstance(tree, ast.Assign) and isinstance(tree.value, ast.Call):
            name = tree.targets[0].id  # type: ignore[attr-defined]
            if isinstance(tree.value.func, ast.Name) and not name.startswith(LETTER):
                known.setdefault(ast.unparse(tree.value), name)


def _inline(trees: list[ast.stmt]) -> None:
    """Put a gradient that one later line uses into that line, where it stays short."""
    uses = Counter(
        node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)
    )
    i = 0
    while i < len(trees):
        tree = trees[i]
        if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name):
            name = tree.targets[0].id
            if isinstance(tree.value, ast.Constant) and any(_cuts(t, name) for t in trees[i + 1 :]):
                tree.value = ast.Call(ast.Name("asarray", ast.Load()), [tree.value], [])
                i += 1
                continue
            if isinstance(tree.value, ast.Constant | ast.Name) and _once(trees, name):
                for user in trees[i + 1 :]:
                    user.value = simplified(_Put(name, tree.value).visit(user.value))  # type: ignore[attr-defined]
                del trees[i]
                continue
            if name.startswith(LETTER) and uses[name] == 2:
                user = next(t for t in trees[i + 1 :] if _names(t, name))
                if not isinstance(user, ast.Return) and _fits(tree, user):
                    user.value = _Put(name, tree.value).visit(user.value)  # type: ignore[attr-defined]
                    user.value = simplified(_Turns().visit(user.value))  # type: ignore[attr-defined]
                    del trees[i]
                    continue
        i += 1


def _cuts(tree: ast.stmt, name: str) -> bool:
    """Whether a line reads a part, or a method, of what a name stands for."""
    return any(
        isinstance(node, ast.Subscript | ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(tree)
    )


def _once(trees: list[ast.stmt], name: str) -> bool:
    """Whether a name is assigned once, and nothing is added to it in place."""
    targets = [t.targets[0] if isinstance(t, ast.Assign) else t.target for t in trees
               if isinstance(t, ast.Assign | ast.AugAssign)]  # fmt: skip
    return sum(ast.unparse(t).partition("[")[0].partition(".")[0] == name for t in targets) == 1


def _names(tree: ast.stmt, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def _fits(line: ast.stmt, user: ast.stmt) -> bool:
    return len(ast.unparse(line.value)) + len(ast.unparse(user)) <= WIDTH  # type: ignore[attr-defined]


class _Turns(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        inner = node.value
        if node.attr == "T" and isinstance(inner, ast.Attribute) and inner.attr == "T":
            return inner.value
        return node


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.value if node.id == self.name else node


def names_in(line: str) -> set[str]:
    """Return the names in a line."""
    return {node.id for node in ast.walk(ast.parse(line.strip().removeprefix("return ")))
            if isinstance(node, ast.Name)}  # fmt: skip
