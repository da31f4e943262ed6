"""Tell which gradients a program hands over as arrays of its own, and which need a copy.

A gradient can be another array's numbers: that of ``a`` in ``a @ b`` is the argument ``b``
itself, that in ``2.0 * x`` a constant of the program. The caller may change what it was given.
"""

import ast

VIEWS = {"T", "reshape", "ravel", "transpose"}  # they share the numbers of what they are taken of
SHARED = {"broadcast_to", "take", "whole"}  # functions that may return numbers of their argument


def owned(source: str, *, forward: bool = False) -> list[bool]:
    r"""Tell for each gradient in a program's text whether nothing else refers to its numbers.

    ``forward``: for each result of a program that is run forward only.

    >>> text = "def program(a, b):\n    db = 2.0 * a\n    return (a @ b, (b, db, a + b, db.T))"
    >>> owned(text)
    [False, False, True, False]
    >>> owned("def program(a, b):\n    db = 2.0 * a\n    return (a @ b, (b.T, db))")
    [False, True]
    >>> owned("def program(a):\n    return (a, a + 1.0), (a > 0.0,)", forward=True)
    [False, True]
    """
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    *body, last = function.body
    assert isinstance(last, ast.Return)
    parts = last.value.elts if isinstance(last.value, ast.Tuple) else []
    if forward:
        gradients = parts[0].elts if parts and isinstance(parts[0], ast.Tuple) else parts
    elif len(parts) < 2 or not isinstance(parts[1], ast.Tuple):
        return []
    else:
        gradients = parts[1].elts
    fresh = {
        line.targets[0].id
        for line in body
        if isinstance(line, ast.Assign)
        and isinstance(line.targets[0], ast.Name)
        and _is_new(line.value)
    }
    names = [node.id for part in gradients for node in ast.walk(part) if isinstance(node, ast.Name)]
    return [
        _is_new(part)
        or (isinstance(part, ast.Name) and part.id in fresh and names.count(part.id) == 1)
        for part in gradients
    ]


def _is_new(tree: ast.expr) -> bool:
    """Whether an expression makes an array that nothing else refers to."""
    while True:  # views of a new array
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute):
            if tree.func.attr not in VIEWS:
                return True
            tree = tree.func.value
        elif isinstance(tree, ast.Attribute) and tree.attr in VIEWS:
            tree = tree.value
        elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            return tree.func.id not in SHARED
        else:
            return isinstance(tree, ast.BinOp | ast.UnaryOp)
