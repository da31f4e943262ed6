"""User-defined primitives, from a rule and its derivatives, which are checked."""

import ast
import functools
import inspect
import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd._checks import check_type, checked_keywords
from autograd.custom_ops import callbacks, gradcheck
from autograd.errors import list_of
from autograd.functions.install import FUNCTIONS, install, uninstall
from autograd.primitives import CONSTANTS, REALS, TABLE, Interval, Primitive
from autograd.rules.backends import FLOATS
from autograd.rules.floats import FUNCTIONS as BASE
from autograd.value import Value

Function = Callable[..., Any]
Rule = str | Function
LIST = "xs"  # the argument of a reduction
OWN: dict[str, Primitive] = {}  # user-defined entries of the table, by name


@checked_keywords
def custom(
    name: str | Function | None = None,
    rule: str | None = None,
    *partials: Rule,
    derivative: Rule | Sequence[Rule] | Mapping[str, Rule] | None = None,
    arguments: Sequence[str] | None = None,
    domain: Interval | Sequence[Interval] = REALS,
    points: Sequence[Any] | None = None,
    numpy: Function | None = None,
    symbol: str = "",
    latex: str = "",
    summary: str = "",
) -> Any:
    r"""Define a primitive; check its derivatives against differences.

    There are two forms. As text: the rule and one derivative for each argument, in terms of ``x``,
    ``y`` (or the names in ``arguments``) and the result ``z``. In Python: a decorator of a
    function, whose derivatives take its arguments and optionally one more, the result.

    An argument named ``xs`` is a list, and the primitive is a reduction: one node with an edge from
    each element. Its derivative is one rule, which gives the list of all derivatives. As text it is
    written with list comprehensions and the folds of the table (`autograd.primitives` lists them);
    points are lists.

    Functions are traced once to the text of a formula. A function that cannot be traced (it has a
    branch or a loop, or calls another library) stays a Python function and is called number by
    number, in lifted programs too unless ``numpy`` is given.

    `autograd.detect_anomaly` takes an exact 0 among the derivatives for a computed one, which may
    hide an infinite derivative below it, unless the rule is a text that chooses the 0, such as
    ``"where(x > 0, 1, 0)"``.

    Parameters
    ----------
    name : str
        Its name, also that of a method of `Value`; by default the function's name. A user-defined
        name may be redefined; existing graphs keep their numbers.
    rule, partials : str
        The value, and the derivative with respect to each argument.
    derivative : str, function, sequence of them, or dict by argument's name
        The same for a decorated function.
    arguments : sequence of str
        The arguments' names in the texts; ``("x",)`` or ``("x", "y")`` by default.
    domain : (low, high), or one pair an argument
        The domain that points to check at are taken from; points where the function is not finite
        are skipped.
    points : sequence of numbers, or of tuples
        The points to check at, instead of points of the domain.
    numpy : function
        Computes the value for arrays.
    symbol, latex, summary : str
        How to show it in pictures, in formulas (a template: ``"{x}^{{3}}"``) and in help.

    Raises
    ------
    ValueError
        If a derivative differs from central differences by more than their error bound; if a name
        is taken; if no point of the domain can be checked.
    NameError
        If a rule uses an unknown name.

    Examples
    --------
    >>> import autograd
    >>> cubic = autograd.custom("cubic", "x * x * x", "3 * x * x")
    >>> x = autograd.Value(2.0)
    >>> y = cubic(x); y.backward(); y, x.grad
    (Value(8.0, op='cubic', grad=1.0), 12.0)

    >>> @autograd.custom(derivative=lambda x, z: z * (1 - z))
    ... def squash(x):
    ...     return 1 / (1 + autograd.exp(-x))
    >>> squash(0.0), autograd.compile(squash)(0.0)
    (0.5, (0.5, 0.25))

    >>> rms = autograd.custom("rms", "norm(xs) / sqrt(len(xs))",
    ...                       "[where(z == 0, 0, x / z / len(xs)) for x in xs]",
    ...                       arguments=["xs"])
    >>> rms([x, 3.0, 6.0])
    Value(4.041451884327381, op='rms')

    >>> autograd.custom("wrong", "x * x", "3 * x", points=[2.0])
    Traceback (most recent call last):
    ValueError: wrong: its derivative with respect to x at x = 2.0 is 6.0, but central differences
    give 4 ± ...
    """
    shown_as = {"symbol": symbol, "latex": latex, "summary": summary}
    if isinstance(name, str) and rule is not None:
        names = tuple(arguments or ("x", "y")[: len(partials)])
        _check_texts(name, rule, partials, names)
        return _define(name, names, rule, partials, {}, domain, points, numpy, shown_as)
    if rule is not None or partials or arguments is not None:
        raise TypeError(
            'custom: give a name, a rule and derivatives as text, custom("cubic", "x * x * x", '
            '"3 * x * x"), or decorate a function: @custom(derivative=...)'
        )
    if derivative is None:
        raise TypeError("custom: give derivative=, a function or a text, or one an argument")

    def decorate(function: Function) -> Any:
        called = name if isinstance(name, str) else function.__name__
        names, defaults = signature(called, function)
        rules = rule_list(called, derivative, names)
        primitive = _define(
            called, names, function, rules, defaults, domain, points, numpy, shown_as
        )
        return functools.update_wrapper(primitive, function)

    return decorate(name) if callable(name) else decorate


def _check_texts(name: str, rule: Any, partials: Sequence[Any], names: Sequence[str]) -> None:
    for text in (rule, *partials):
        check_type(f"a rule of {name}", text, str, "a str")
    if len(partials) != len(names) or not partials:
        raise TypeError(
            f"{name}: got {len(partials)} derivatives for the arguments {', '.join(names) or 'x'}; "
            "give one an argument, and arguments= where there are more than two"
        )


def signature(name: str, function: Function) -> tuple[tuple[str, ...], dict[str, float]]:
    """Return the names and defaults of a function's arguments, which must be positional."""
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise TypeError(f"{name}: got the parameter {parameter}; allowed are plain arguments")
    defaults = {p.name: float(p.default) for p in parameters if p.default is not p.empty}
    return tuple(p.name for p in parameters), defaults


def rule_list(name: str, derivative: Any, arguments: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return a tuple with one rule for each argument, from a rule, a sequence or a mapping."""
    if isinstance(derivative, Mapping):
        if set(derivative) != set(arguments):
            raise TypeError(
                f"{name}: got derivatives with respect to {', '.join(derivative)}; "
                f"give one for each of {', '.join(arguments)}"
            )
        derivative = [derivative[argument] for argument in arguments]
    rules = (derivative,) if isinstance(derivative, str) or callable(derivative) else derivative
    rules = tuple(rules)
    if len(rules) != len(arguments):
        raise TypeError(
            f"{name}: got {len(rules)} derivatives for the arguments {', '.join(arguments)}; give "
            "one an argument"
        )
    return rules


def _define(
    name: str,
    arguments: tuple[str, ...],
    rule: Rule,
    partials: Sequence[Rule],
    defaults: Mapping[str, float],
    domain: Any,
    points: Sequence[Any] | None,
    numpy: Function | None,
    shown_as: Mapping[str, str],
) -> Any:
    """Translate the rules to text, check them, and put the entry into the table."""
    box = gradcheck.intervals(domain, arguments)
    with callbacks.Draft(name, arguments, TABLE) as draft:
        text = draft.rule(rule, numpy)
        texts = tuple(draft.partial(*pair) for pair in zip(arguments, partials, strict=True))
        entry = make_entry(name, arguments, text, texts, defaults, box, shown_as)
        gradcheck.check(entry, rule, points, numpy)
        put(entry)
        draft.keep()
    return function_of(entry)


def make_entry(
    name: str,
    arguments: tuple[str, ...],
    rule: str,
    partials: tuple[str, ...],
    defaults: Mapping[str, float],
    domain: tuple[Interval, ...],
    shown_as: Mapping[str, str],
) -> Primitive:
    """Build an entry of the table, and check its names."""
    _check_name(name)
    is_list = LIST in arguments
    if is_list and arguments != (LIST,):
        raise ValueError(
            f"{name}: got the arguments {', '.join(arguments)}; a list, xs, is the only argument"
        )
    for argument in arguments:
        if argument in {"z", "g", *TABLE, *CONSTANTS} or keyword.iskeyword(argument):
            raise ValueError(f"{name}: the argument {argument!r} has a meaning in rules; rename it")
    plain = name.replace("_", r"\_")
    slots = ", ".join(f"{{{argument}}}" for argument in arguments)
    latex = shown_as["latex"] or rf"\operatorname{{{{{plain}}}}}({slots})"
    try:
        latex.format(**dict.fromkeys(arguments, "x"))
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(
            f"{name}: the LaTeX {latex!r} is no template over {list_of(arguments)}; write braces "
            "that are not places twice"
        ) from error
    return Primitive(
        name=name,
        rule=rule,
        partials=partials,
        arguments=arguments,
        symbol=shown_as["symbol"] or name,
        latex=latex,
        domain=domain,
        variadic=is_list,
        defaults=dict(defaults),
        symbolic_zeros=any(map(_chooses_zero, partials)),
        summary=shown_as["summary"] or f"Compute {name}, an operation of the user's.",
    )


def _chooses_zero(partial: str) -> bool:
    """Return whether a derivative has a literal 0 as a branch of ``where``: ``where(x > 0, 1, 0)``.

    >>> _chooses_zero("where(x > 0, 1, 0)"), _chooses_zero("3 * x * x")
    (True, False)
    """
    calls = [node for node in ast.walk(ast.parse(partial)) if isinstance(node, ast.Call)]
    choices = [call.args[1:] for call in calls if ast.unparse(call.func) == "where"]
    return any(isinstance(x, ast.Constant) and x.value == 0 for side in choices for x in side)


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise ValueError(f"custom: got the name {name!r}; give a name that Python allows")
    if name not in OWN and (name in {*TABLE, *BASE, *CONSTANTS, *FLOATS} or hasattr(Value, name)):
        raise ValueError(f"custom: the name {name!r} is the library's; choose another one")


def put(entry: Primitive) -> None:
    """Install an entry, replacing the user's former one of that name."""
    before = OWN.pop(entry.name, None)
    if before is not None:
        uninstall(before)
    try:
        install(entry)
    except BaseException:
        if before is not None:
            install(before)
            OWN[entry.name] = before
        raise
    OWN[entry.name] = entry


def function_of(entry: Primitive) -> Any:
    """Return the function that applies a primitive."""
    return FUNCTIONS[entry.name]
