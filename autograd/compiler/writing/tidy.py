"""Make generated lines short: redundant parentheses, names used once, calls made twice."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograd.compiler.writing.simplify import parts_of, rewritten, simplified

WIDTH = 88
LETTER = "d"  # gradients' names begin with it


def tidy(lines: Sequence[str]) -> list[str]:
    """Simplify each line, reuse what was computed before, put what is used once in its place."""
    (function,) = ast.parse("def f():\n " + "\n ".join(lines)).body
    trees: list[Any] = function.body  # type: ignore[attr-defined]
    for tree, line in zip(trees, lines, strict=True):
        tree.value = simplified(_unturned(tree.value, line))
    _reuse(trees)
    return _Inliner(trees).run()


def _unturned(tree: ast.expr, text: str) -> ast.expr:
    """Leave out what is transposed twice; ``text`` has all that the tree has."""
    return rewritten(tree, _turn) if text.count(".T") > 1 else tree


def _turn(node: ast.AST) -> ast.AST:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        inner = node.value
        if isinstance(inner, ast.Attribute) and inner.attr == "T":
            return inner.value
    return node


def _reuse(trees: list[ast.stmt]) -> None:
    """Name a call that an earlier line computes by that line's name."""
    known: dict[str, str] = {}
    functions: set[str] = set()  # that the known ones call

    def replace(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Call) and _function(node) in functions:
            name = known.get(ast.unparse(node))
            return node if name is None else ast.Name(name, ast.Load())
        return node

    for tree in trees:
        tree.value = value = rewritten(tree.value, replace)  # type: ignore[attr-defined]
        if not isinstance(tree, ast.Assign):
            continue
        if isinstance(tree.targets[0], ast.Tuple):  # what cross-entropy keeps beside its result
            known[f"softmax({ast.unparse(value.args[0])})"] = tree.targets[0].elts[1].id  # type: ignore[attr-defined]
            functions.add("softmax")
        elif isinstance(value, ast.Call) and (function := _function(value)):
            name = tree.targets[0].id  # type: ignore[attr-defined]
            if not name.startswith(LETTER):
                known.setdefault(ast.unparse(value), name)
                functions.add(function)


def _function(call: ast.Call) -> str:
    """Return the name of the function that is called; none of a method."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


class _Inliner:
    """Puts what one later line uses into that line; each line is walked through once or twice.

    ``users`` has for each name the lines that name it, and whether they read a part, or a method,
    of it; one may have lost the name again. ``waiting`` has what is still to be put into a line.
    """

    def __init__(self, trees: list[Any]) -> None:
        self.trees = trees
        self.texts: list[str | None] = [None] * len(trees)
        self.gone: set[int] = set()
        self.uses: Counter[str] = Counter()
        self.users: defaultdict[str, dict[int, bool]] = defaultdict(dict)
        self.targets: Counter[str] = Counter()  # how many lines assign a name, or add to it
        self.waiting: defaultdict[int, dict[str, ast.expr]] = defaultdict(dict)
        self.sizes: list[int] = []
        for i, tree in enumerate(trees):
            names = list(_names(tree))
            self.uses.update(name for name, _ in names)
            self.sizes.append(len(names))
            self._note(i, names)
            if not isinstance(tree, ast.Return):
                self.targets[_target(tree)] += 1

    def run(self) -> list[str]:
        """Return the lines that remain, as text."""
        for i, tree in enumerate(self.trees):
            self._settle(i)
            if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name):
                self._look_at(i, tree, tree.targets[0].id)
        return [self._text(i) for i in range(len(self.trees)) if i not in self.gone]

    def _look_at(self, i: int, tree: ast.Assign, name: str) -> None:
        short = isinstance(tree.value, ast.Constant | ast.Name) and self.targets[name] == 1
        single = name.startswith(LETTER) and self.uses[name] == 2
        if not (short or single or isinstance(tree.value, ast.Constant)):
            return
        later = {k: cut for k, cut in self.users[name].items() if k > i and k not in self.gone}
        if isinstance(tree.value, ast.Constant) and any(later.values()):
            tree.value = ast.Call(ast.Name("asarray", ast.Load()), [tree.value], [])
        elif short:
            for k in later:
                self.waiting[k][name] = tree.value
            self._moved(i, later)
        elif single and self._fits(i, user := min(later)):
            self.waiting[user][name] = tree.value
            self._settle(user)
            self._moved(i, [user])

    def _note(self, i: int, names: Iterable[tuple[str, bool]]) -> None:
        for name, cut in names:
            self.users[name][i] = cut or self.users[name].get(i, False)

    def _moved(self, i: int, users: Iterable[int]) -> None:
        """Take a line out that stands in others now."""
        self.gone.add(i)
        self.targets[_target(self.trees[i])] -= 1
        names = list(_names(self.trees[i].value))
        for k in users:
            self._note(k, names)

    def _settle(self, i: int) -> None:
        """Put into a line what waits for it."""
        if put := self.waiting.pop(i, None):
            text = "".join(map(ast.unparse, put.values())) + self._text(i)
            tree = self.trees[i]
            tree.value = simplified(_unturned(_put(put, tree.value), text))
            self.texts[i] = None

    def _text(self, i: int) -> str:
        """Write a line as it is now, or as it was before it was settled."""
        text = self.texts[i]
        if text is None:
            text = self.texts[i] = ast.unparse(self.trees[i])
        return text

    def _fits(self, i: int, user: int) -> bool:
        if isinstance(self.trees[user], ast.Return) or self.sizes[user] > WIDTH:
            return False
        self._settle(user)
        own = len(self._text(i)) - len(f"{self.trees[i].targets[0].id} = ")
        return own + len(self._text(user)) <= WIDTH


def _target(tree: ast.Assign | ast.AugAssign) -> str:
    """Return the name that a line assigns, or to a part of which it adds; none of a tuple."""
    node: ast.AST = tree.targets[0] if isinstance(tree, ast.Assign) else tree.target
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _put(values: Mapping[str, ast.expr], tree: ast.expr) -> Any:
    """Put expressions where names stand."""

    def put(node: ast.AST) -> ast.AST:
        return values.get(node.id, node) if isinstance(node, ast.Name) else node

    return rewritten(tree, put)


def _names(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the names in a tree, and whether a part, or a method, of what they name is read."""
    stack = [(tree, False)]
    while stack:
        node, cut = stack.pop()
        if isinstance(node, ast.Name):
            yield node.id, cut
        else:
            cuts = isinstance(node, ast.Subscript | ast.Attribute)
            stack += [(part, cuts and part is node.value) for part in parts_of(node)]  # type: ignore[attr-defined]


def names_in(line: str) -> set[str]:
    """Return the names in a line."""
    return {name for name, _ in _names(ast.parse(line.strip().removeprefix("return ")))}
