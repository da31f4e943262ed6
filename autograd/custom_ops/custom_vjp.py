"""Primitives with a custom vjp: straight-through estimators, clipped gradients.

They are defined here; the backward pass applies them as pullbacks (`autograd.engine.pullbacks`).
"""

import ast
import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd._checks import checked_keywords, error_text
from autograd.custom_ops import callbacks, gradcheck
from autograd.custom_ops.custom import Rule, function_of, make_entry, put, rule_list, signature
from autograd.errors import list_of
from autograd.primitives import REALS, TABLE
from autograd.rules.backends import vocabulary
from autograd.rules.parsing import check, parse, substituted


@checked_keywords
def custom_vjp(
    name: str | Callable[..., Any] | None = None,
    rule: str | None = None,
    *flows: str,
    backward: Rule | Sequence[Rule] | Mapping[str, Rule] | None = None,
    arguments: Sequence[str] | None = None,
    numpy: Callable[..., Any] | None = None,
    symbol: str = "",
    latex: str = "",
    summary: str = "",
) -> Any:
    """Define a primitive with a vjp of your own, which need not be the true one and is not checked.

    Like `autograd.custom`, as text or as a decorator, except that the rules are those of the vjp:
    the cotangent of each argument in terms of the result's cotangent ``g``, the arguments and the
    result ``z``. Functions take any of these, by name.

    Parameters
    ----------
    name, rule, flows : str
        Its name, its value, and the cotangent of each argument.
    backward : str, function, sequence of them, or dict by argument's name
        The cotangents of the arguments of a decorated function.
    arguments, numpy, symbol, latex, summary
        See `autograd.custom`.

    Raises
    ------
    ValueError, NameError
        If a name is taken, or a rule uses an unknown name.

    Notes
    -----
    If the vjp is linear in ``g``, there is a local derivative, and the primitive costs as much as
    any other. If not, as in clipping, `Value.backward` calls a Python function, and ``partials``
    are the vjp of 1. The first example is the straight-through estimator of Bengio, Léonard and
    Courville (2013).

    Examples
    --------
    >>> import autograd
    >>> quantised = autograd.custom_vjp("quantised", "round(4 * x, 0) / 4", "g")
    >>> x = autograd.Value(0.6)
    >>> quantised(x).backward(); quantised(x).data, x.grad
    (0.5, 1.0)

    >>> @autograd.custom_vjp(backward=lambda g: autograd.clip(g, -1, 1))
    ... def gently(x):
    ...     return x
    >>> x = autograd.Value(3.0)
    >>> (100 * gently(x)).backward(); x.grad
    1.0
    """
    shown_as = {"symbol": symbol, "latex": latex, "summary": summary}
    if isinstance(name, str) and rule is not None:
        names = tuple(arguments or ("x", "y")[: len(flows)])
        if len(flows) != len(names) or not flows:
            raise TypeError(
                f"{name}: got {len(flows)} rules for the arguments {', '.join(names) or 'x'}; give "
                "one an argument, and arguments= where there are more than two"
            )
        return _define(name, names, rule, flows, {}, numpy, shown_as)
    if rule is not None or flows or arguments is not None or backward is None:
        raise TypeError(
            'custom_vjp: give a name, a rule and what flows back as text, ("steady", "x", '
            '"clip(g, -1, 1)"), or decorate a function: @custom_vjp(backward=...)'
        )

    def decorate(function: Callable[..., Any]) -> Any:
        called = name if isinstance(name, str) else function.__name__
        names, defaults = signature(called, function)
        rules = rule_list(called, backward, names)
        defined = _define(called, names, function, rules, defaults, numpy, shown_as)
        return functools.update_wrapper(defined, function)

    return decorate(name) if callable(name) else decorate


def _define(
    name: str,
    arguments: tuple[str, ...],
    rule: Rule,
    flows: Sequence[Rule],
    defaults: Mapping[str, float],
    numpy: Callable[..., Any] | None,
    shown_as: Mapping[str, str],
) -> Any:
    """Translate the rules to text, and put the entry into the table."""
    with callbacks.Draft(name, arguments, TABLE) as draft:
        text = draft.rule(rule, numpy)
        texts = [
            draft.flow(argument, flow, _names(name, flow, arguments))
            for argument, flow in zip(arguments, flows, strict=True)
        ]
        for flow in texts:
            check(flow, name, (*arguments, *vocabulary(), "g"))
        trees = [parse(flow, name).body for flow in texts]
        factors = [factor(tree) for tree in trees]
        partials = [
            ast.unparse(_at_gradient_1(tree) if d is None else d)
            for tree, d in zip(trees, factors, strict=True)
        ]
        box = gradcheck.intervals(REALS, arguments)
        rules = tuple(texts) if None in factors else ()
        entry = make_entry(name, arguments, text, tuple(partials), defaults, box, shown_as)
        put(dataclasses.replace(entry, exact=False, vjps=rules))
        draft.keep()
    return function_of(entry)


def _names(name: str, flow: Any, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parameters of a rule that is a function: among the arguments, z and g."""
    if isinstance(flow, str):
        return ()
    if not callable(flow):
        raise TypeError(error_text(f"a rule of {name}", flow, "a str or a function"))
    names = tuple(inspect.signature(flow).parameters)
    allowed = (*arguments, "z", "g")
    for parameter in names:
        if parameter not in allowed:
            raise TypeError(
                f"{name}: a rule of the way back takes {parameter!r}; it takes by name what it "
                f"needs of {list_of(allowed)}"
            )
    return names


def factor(tree: ast.expr) -> ast.expr | None:
    """Return the factor of ``g`` in a rule, or None if the rule is not visibly linear in ``g``.

    >>> from ast import parse, unparse
    >>> [unparse(factor(parse(text, mode="eval").body))
    ...  for text in ("g", "-g", "2 * x * g / z", "where(x > 0, g, 0)", "g - g * x")]
    ['1', '-1', '2 * x * 1 / z', 'where(x > 0, 1, 0)', '1 - 1 * x']
    >>> factor(parse("clip(g, -1, 1)", mode="eval").body) is None
    True
    """
    if isinstance(tree, ast.Constant) and tree.value == 0:
        return tree
    if isinstance(tree, ast.Name) and tree.id == "g":
        return ast.Constant(1)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        inner = factor(tree.operand)
        return None if inner is None else ast.UnaryOp(tree.op, inner)
    if isinstance(tree, ast.BinOp):
        return _factor_of_two(tree)
    if isinstance(tree, ast.Call) and ast.unparse(tree.func) == "where":
        condition, *cases = tree.args
        factors = [factor(case) for case in cases]
        if not _has_gradient(condition) and None not in factors:
            return ast.Call(tree.func, [condition, *factors], [])  # type: ignore[list-item] # no None
    return None


def _factor_of_two(tree: ast.BinOp) -> ast.expr | None:
    left, right = tree.left, tree.right
    if isinstance(tree.op, (ast.Add, ast.Sub)):
        first, second = factor(left), factor(right)
        if first is not None and second is not None:
            return ast.BinOp(first, tree.op, second)
    elif isinstance(tree.op, (ast.Mult, ast.Div)) and not _has_gradient(right):
        first = factor(left)
        return None if first is None else ast.BinOp(first, tree.op, right)
    elif isinstance(tree.op, ast.Mult) and not _has_gradient(left):
        second = factor(right)
        return None if second is None else ast.BinOp(left, tree.op, second)
    return None


def _has_gradient(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "g" for node in ast.walk(tree))


def _at_gradient_1(tree: ast.expr) -> ast.expr:
    return substituted(tree, {"g": ast.Constant(1)})
