r"""The table of primitives: each operation is one entry, the only place that defines it.

From an entry are generated the methods and functions of `Value`, their local derivatives, the
derivatives of these (the same rule, evaluated on `Value`s), the NumPy form, the symbol and LaTeX in
pictures, the reference page and the tests.

A rule is a Python expression, parsed by `autograd.rules.parsing`. The operators are ``+ - * /``,
comparisons, and ``&`` and ``|`` of comparisons. A rule may use these names:

=======================  =======================================================================
``x``, ``y``, ...        the entry's ``arguments``: ``c``, ``n``, ``lo``, ``hi``, ``slope``,
                         ``alpha`` and ``digits`` are numbers as well
``z``                    the result; in ``partials``, ``vjps`` and ``textbook``
``g``                    the incoming cotangent; in ``vjps``, and in a reduction's ``textbook``
any `CONSTANTS`          ``inf``, ``nan``, ``LN2``, ...
any `TABLE` entry        ``exp(x)``, ``where(c, x, y)``, ``stop_gradient(x)``, ..., and the
                         primitives that users define
``div(x, y)``            division as in IEEE 754; ``/`` means the same
``product_error(x, y)``  the rounding error of ``x * y``
=======================  =======================================================================

An operation on lists, a *reduction*, is written with list comprehensions as well. Its first
argument, and others whose names end in ``s``, are lists of the same length, and its rules may also
use:

========================  ======================================================================
``xs``, ``ys``            lists, the arguments
``k``                     a position in them: the last input of the node, used as ``xs[int(k)]``
``b``                     a number, such as a bias: an argument that is neither a list nor ``k``
                          may be omitted, and then is 0
names of ``let``          defined before the rule, as ``"name = expression"``; for ``rule`` only
``sum(xs)``               the sum, from left to right, starting with 0
``prod(xs)``              the product, from left to right, starting with 1
``max(xs)``, ``min(xs)``  the largest, or smallest; of equal ones the first; nan if there is one
``norm(xs)``              the Euclidean length, as `math.hypot` computes it
``sum_except(xs, y)``     the sum of all but the first that equals y
``others(xs)``            for each element the product of all the others, without a division
``same(x, y)``            1 if x equals y or both are nan, else 0
``exp_difference(x, m)``  ``exp(x - m)`` for x <= m, corrected for the rounding of ``x - m``
``shares(xs, z)``         1, divided equally among the elements that equal z; 0 for the others
``softmax(xs)``           ``exp(x) / sum(exp(xs))`` for each x, without overflow
``complements(ps, k)``    ``(i == k) - p`` for the i-th element p, with an accurate ``1 - p`` at k
Python's built-ins        ``len``, ``int``; in comprehensions ``enumerate``, ``range`` and ``zip``
========================  ======================================================================

In a reduction's ``textbook``, which programs print for whole arrays, ``onehot(k, xs)`` is 1 at
position k and 0 elsewhere. The loops of a reduction, in Python, C and JavaScript, are generated
from its rules (`autograd.rules.loop_lowering`).

Two principles keep derivatives as accurate as values, also for tiny and huge arguments:

* differences of nearly equal numbers are rewritten (``sigmoid(-x)`` for ``1 - sigmoid(x)``);
* no product may be zero times infinity, and no quotient 0 / 0: a ``where`` selects first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

CONSTANTS: Mapping[str, float] = MappingProxyType(
    {
        "inf": inf,
        "nan": float("nan"),
        "LN2": 0.6931471805599453,
        "LN10": 2.302585092994046,
        "SQRT_HALF": 0.7071067811865476,
        "SQRT_HALF_REST": -4.833646656726457e-17,  # sqrt(1/2) less the float above
        "TWO_OVER_SQRT_PI": 1.1283791670955126,
        "ONE_OVER_SQRT_TWO_PI": 0.3989422804014327,
        # Klambauer et al., Self-normalizing neural networks, 2017
        "SELU_SCALE": 1.0507009873554805,
        "SELU_ALPHA": 1.6732632423543772,
        # Hendrycks and Gimpel, Gaussian error linear units, 2016: sqrt(2 / pi) and the cubic term
        "SQRT_TWO_OVER_PI": 0.7978845608028654,
        "GELU_CUBIC": 0.044715,
    }
)

Interval = tuple[float, float]
REALS: Interval = (-8.0, 8.0)
POSITIVE: Interval = (1e-3, 8.0)
UNIT: Interval = (-0.999, 0.999)


@dataclass(frozen=True, kw_only=True)
class Primitive:
    """An entry of the table.

    ``partials`` has a rule per argument; for a reduction (``variadic``), a single rule that gives
    the list of all local derivatives. ``let`` defines names that ``rule`` uses. ``domain`` has an
    interval per argument, from which tests draw. ``numpy`` names the NumPy functions that the
    operation implements, ``operator`` the special method; ``left_identity`` is the number e for
    which ``e + v`` is v itself rather than a new node.

    ``symbolic_zeros``: an exact 0 among the derivatives means that the input was not selected, or
    never matters; nothing was multiplied by it. An exact 0 of any other operation was computed
    (`autograd.detect_anomaly` reports one that meets an infinite derivative).

    ``exact`` is False if the derivative differs from that of the rule on purpose. If the vjp is not
    a multiple of the cotangent ``g``, ``vjps`` has its rules, one per argument, and ``partials``
    the same rules for a ``g`` of 1.

    ``textbook`` has the rules that a NumPy program prints for the derivatives, where those of
    ``partials`` are longer for the sake of the last digits of tiny derivatives. For a reduction it
    is a single rule for all input cotangents, in the arrays ``xs`` (the list along the first axis),
    the result ``z`` and the cotangent ``g``; by default it is derived from ``partials``.

    Of a reduction, ``parameters`` are the names of the function's parameters, by default
    ``arguments``; there are fewer if the function returns the results for all positions ``k``.
    ``empty`` is the result for an empty list, None if that is an error; ``padding`` is a number
    that may be appended to a list without a change to the result or the derivatives. ``doc``
    continues the function's docstring after ``summary``.
    """

    name: str
    rule: str
    partials: tuple[str, ...]
    arguments: tuple[str, ...] = ("x",)
    symbol: str = ""
    latex: str = ""
    domain: tuple[Interval, ...] = ()
    numpy: tuple[str, ...] = ()
    operator: str = ""
    defaults: Mapping[str, float] = field(default_factory=dict)
    variadic: bool = False
    left_identity: float | None = None
    smooth: bool = True
    symbolic_zeros: bool = False
    exact: bool = True
    vjps: tuple[str, ...] = ()
    summary: str = ""
    textbook: tuple[str, ...] = ()
    let: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    empty: float | None = None
    padding: float | None = None
    doc: str = ""


@dataclass(frozen=True, kw_only=True)
class ListFunction:
    """A function that rules of reductions may call; it returns a list.

    ``textbook`` is the rule to use where a program prints a derivative.
    """

    arguments: tuple[str, ...]
    rule: str
    let: tuple[str, ...] = ()
    textbook: str = ""


def unary(name: str, rule: str, partial: str, domain: Interval = REALS, **more: Any) -> Primitive:
    """Describe a function of one number; the symbol and LaTeX default to its name."""
    row: dict[str, Any] = {
        "symbol": name,
        "latex": rf"\operatorname{{{{{name}}}}}({{x}})".replace("_", r"\_"),
    }
    row.update(more)
    return Primitive(name=name, rule=rule, partials=(partial,), domain=(domain,), **row)


def binary(name: str, rule: str, partials: tuple[str, str], **more: Any) -> Primitive:
    """Describe a function of two numbers; the symbol and LaTeX default to its name."""
    row: dict[str, Any] = {
        "arguments": ("x", "y"),
        "symbol": name,
        "latex": rf"\operatorname{{{{{name}}}}}({{x}}, {{y}})",
        "domain": (REALS, REALS),
    }
    row.update(more)
    return Primitive(name=name, rule=rule, partials=partials, **row)


def variadic(name: str, rule: str, partials: str, **more: Any) -> Primitive:
    """Describe a reduction: a function of a list, recorded as one node."""
    row: dict[str, Any] = {
        "arguments": ("xs",),
        "symbol": name,
        "latex": rf"\operatorname{{{{{name}}}}}({{xs}})".replace("_", r"\_"),
        "domain": (REALS,),
    }
    row.update(more)
    return Primitive(name=name, rule=rule, partials=(partials,), variadic=True, **row)


ARITHMETIC = (
    binary("add", "x + y", ("1", "1"), symbol="+", latex="{x} + {y}", numpy=("add",),
           operator="add", left_identity=0.0, summary="Add."),
    binary("sub", "x - y", ("1", "-1"), symbol="−", latex="{x} - {y}", numpy=("subtract",),
           operator="sub", summary="Subtract."),
    binary("mul", "x * y", ("y", "x"), symbol="×", latex=r"{x} \cdot {y}", numpy=("multiply",),
           operator="mul", summary="Multiply."),
    binary("div", "x / y", ("1 / y", "-z / y"), symbol="÷", latex=r"\frac{{{x}}}{{{y}}}",
           domain=(REALS, POSITIVE), numpy=("divide", "true_divide"), operator="truediv",
           summary="Divide, as IEEE 754 does: 1/0 is inf."),
    # The derivative with respect to x is y x^(y-1). For y < 1/2 the exponent y - 1 is rounded, an
    # error that the power multiplies by log x; y z / x is accurate there, also at y = 0, where it
    # is 0 but its derivative with respect to y is not. At x = 0 the exponent is treated as a
    # constant: the mixed derivatives that are finite there are 0.
    binary("pow", "pow(x, y)",
           (("where((y < 0.5) & (0 < abs(x)) & (abs(x) < inf), y * z / x, where(y == 0, 0,"
             " where(x == 0, stop_gradient(y), y)"
             " * pow(x, where(x == 0, stop_gradient(y), y) - 1)))"),
            ("where(x == 0, where(y < 0, -inf, 0),"
             " where((abs(x) == inf) & (z == 0), 0, z * log(x)))")),
           textbook=("y * pow(x, y - 1)", "z * log(x)"),
           symbol="^", latex="{{{x}}}^{{{y}}}", domain=(POSITIVE, (-3.0, 3.0)),
           numpy=("power", "float_power"), operator="pow",
           summary="Raise to a power; nan for a negative base and a fractional exponent."),
    binary("floordiv", "floordiv(x, y)", ("0", "0"), symbol="//", domain=(REALS, POSITIVE),
           latex=r"\left\lfloor \frac{{{x}}}{{{y}}} \right\rfloor", numpy=("floor_divide",),
           operator="floordiv", smooth=False, symbolic_zeros=True,
           summary="Divide and round down; its derivative is 0."),
    binary("mod", "mod(x, y)", ("1", "-floordiv(x, y)"), symbol="mod", domain=(REALS, POSITIVE),
           latex=r"{x} \bmod {y}", numpy=("remainder",), operator="mod", smooth=False,
           summary="Return the remainder, with the sign of y."),
    unary("neg", "-x", "-1", symbol="−", latex="-{x}", numpy=("negative",), operator="neg",
          summary="Negate."),
    unary("abs", "abs(x)", "sign(x)", symbol="|·|", latex=r"\left|{x}\right|",
          numpy=("absolute", "fabs"), operator="abs", smooth=False,
          summary="Return the absolute value; its derivative at 0 is 0."),
    unary("square", "x * x", "2 * x", symbol="x²", latex="{x}^2", numpy=("square",),
          summary="Multiply by itself."),
    unary("reciprocal", "1 / x", "-z * z", POSITIVE, symbol="1/x", latex=r"\frac{{1}}{{{x}}}",
          numpy=("reciprocal",), summary="Divide 1 by it."),
    # z + 0 turns -0.0 into 0.0: the derivative is inf at both zeros. So does x + 0 for the logs.
    unary("sqrt", "sqrt(x)", "0.5 / (z + 0)", POSITIVE,
          textbook=("0.5 / z",), symbol="√", latex=r"\sqrt{{{x}}}",
          numpy=("sqrt",), summary="Return the square root; nan below 0."),
    unary("cbrt", "cbrt(x)", "1 / (3 * z * z)", POSITIVE, symbol="∛", latex=r"\sqrt[3]{{{x}}}",
          numpy=("cbrt",), summary="Return the cube root, also of negative numbers."),
    binary("hypot", "hypot(x, y)", ("where(z == 0, 0, x / z)", "where(z == 0, 0, y / z)"),
           latex=r"\sqrt{{{x}^2 + {y}^2}}", numpy=("hypot",),
           summary="Return sqrt(x² + y²) without overflow; its derivatives at (0, 0) are 0."),
)  # fmt: skip

EXPONENTIAL = (
    unary("exp", "exp(x)", "z", latex="e^{{{x}}}", numpy=("exp",), summary="Raise e to a power."),
    unary("expm1", "expm1(x)", "exp(x)", latex="e^{{{x}}} - 1", numpy=("expm1",),
          summary="Return exp(x) - 1, exact near 0."),
    unary("log", "log(x)", "where(x < 0, nan * x, 1 / (x + 0))", POSITIVE,
          textbook=("1 / x",), latex=r"\log({x})",
          numpy=("log",), summary="Return the natural logarithm; -inf at 0, nan below."),
    unary("log1p", "log1p(x)", "where(x < -1, nan * x, 1 / (1 + x))", (-0.999, 8.0),
          textbook=("1 / (1 + x)",),
          latex=r"\log(1 + {x})", numpy=("log1p",), summary="Return log(1 + x), exact near 0."),
    unary("log2", "log2(x)", "where(x < 0, nan * x, 1 / (x + 0) / LN2)", POSITIVE,
          textbook=("1 / x / LN2",),
          latex=r"\log_2({x})", numpy=("log2",), summary="Return the logarithm to base 2."),
    unary("log10", "log10(x)", "where(x < 0, nan * x, 1 / (x + 0) / LN10)", POSITIVE,
          textbook=("1 / x / LN10",),
          latex=r"\log_{{10}}({x})", numpy=("log10",), summary="Return the logarithm to base 10."),
)  # fmt: skip

# Accurate near 0, and so is its derivative; near 1 and -1 only the product is.
ONE_MINUS_SQUARE = "where(abs(x) < 0.5, 1 - x * x, (1 - x) * (1 + x))"
# The partials of atan2, without overflow of the squared radius.
POLAR = "where((hypot(x, y) == 0) | (hypot(x, y) == inf), 0, {} / hypot(x, y) / hypot(x, y))"

TRIGONOMETRIC = (
    unary("sin", "sin(x)", "cos(x)", latex=r"\sin({x})", numpy=("sin",),
          summary="Return the sine."),
    unary("cos", "cos(x)", "-sin(x)", latex=r"\cos({x})", numpy=("cos",),
          summary="Return the cosine."),
    unary("tan", "tan(x)", "1 + z * z", (-1.5, 1.5), latex=r"\tan({x})", numpy=("tan",),
          summary="Return the tangent."),
    unary("asin", "asin(x)", f"1 / sqrt({ONE_MINUS_SQUARE})", UNIT,
          latex=r"\arcsin({x})", numpy=("arcsin",),
          summary="Return the inverse sine; nan outside [-1, 1]."),
    unary("acos", "acos(x)", f"-1 / sqrt({ONE_MINUS_SQUARE})", UNIT,
          latex=r"\arccos({x})", numpy=("arccos",),
          summary="Return the inverse cosine; nan outside [-1, 1]."),
    # From x = 1e81 on an intermediate of the derivative of 1 / (1 + x²) would underflow.
    unary("atan", "atan(x)", "where(abs(x) < 1e50, 1 / (1 + x * x), 1 / x / x)",
          latex=r"\arctan({x})", numpy=("arctan",), summary="Return the inverse tangent."),
    binary("atan2", "atan2(x, y)",
           (POLAR.format("y"), POLAR.format("-x")),
           latex=r"\operatorname{{atan2}}({x}, {y})", domain=(REALS, POSITIVE), numpy=("arctan2",),
           summary="Return the angle of the point (y, x); its derivatives at (0, 0) are 0."),
    unary("sinh", "sinh(x)", "cosh(x)", latex=r"\sinh({x})", numpy=("sinh",),
          summary="Return the hyperbolic sine."),
    unary("cosh", "cosh(x)", "sinh(x)", latex=r"\cosh({x})", numpy=("cosh",),
          summary="Return the hyperbolic cosine."),
    # 1 - z*z is 0 from x = 19 on; sech squared is accurate everywhere, and so is its derivative.
    unary("tanh", "tanh(x)", "square(sech(x))", textbook=("1 - z * z",), latex=r"\tanh({x})",
          numpy=("tanh",), summary="Return the hyperbolic tangent."),
    unary("sech", "1 / cosh(x)", "-z * tanh(x)", latex=r"\operatorname{{sech}}({x})",
          summary="Return the hyperbolic secant, 1 / cosh(x)."),
    unary("asinh", "asinh(x)", "1 / hypot(1, x)", latex=r"\operatorname{{arsinh}}({x})",
          numpy=("arcsinh",), summary="Return the inverse hyperbolic sine."),
    unary("acosh", "acosh(x)", "1 / (sqrt(x - 1) * sqrt(x + 1))", (1.001, 8.0),
          latex=r"\operatorname{{arcosh}}({x})", numpy=("arccosh",),
          summary="Return the inverse hyperbolic cosine; nan below 1."),
    unary("atanh", "atanh(x)", f"where(abs(x) > 1, nan * x, 1 / {ONE_MINUS_SQUARE})", UNIT,
          latex=r"\operatorname{{artanh}}({x})", numpy=("arctanh",),
          summary="Return the inverse hyperbolic tangent; nan outside [-1, 1]."),
)  # fmt: skip

# The argument of the sigmoid: x sigmoid(2 u) is x (1 + tanh(u)) / 2.
GELU_ARGUMENT = "2 * SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x)"

ACTIVATIONS = (
    # Below -37, 1 + exp(x) is 1 in floats; exp(-x) overflows before exp(x) is 0.
    unary("sigmoid", "where(x < -37, exp(x), 1 / (1 + exp(-x)))", "z * sigmoid(-x)",
          textbook=("z * (1 - z)",),
          symbol="σ", latex=r"\sigma({x})", summary="Return 1 / (1 + exp(-x))."),
    unary("softplus", "where(x > 0, x + log1p(exp(-x)), log1p(exp(x)))", "sigmoid(x)",
          summary="Return log(1 + exp(x)), the smooth relu."),
    binary("sigmoid_cross_entropy",
           "where((x == inf) & (y == 1), 0.0, where((x == -inf) & (y == 0), 0.0,"
           " where(x > 0, x * (1 - y) + log1p(exp(-x)), log1p(exp(x)) - x * y)))",
           ("where(x > 0, (1 - y) - sigmoid(-x), sigmoid(x) - y)", "-x"),
           textbook=("sigmoid(x) - y", "-x"), symbol="BCE σ", domain=(REALS, (0.0, 1.0)),
           latex=r"H({y}, \sigma({x}))",
           summary="Return -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x)), exact at both ends."),
    unary("logsigmoid", "-softplus(-x)", "sigmoid(-x)", symbol="log σ", latex=r"\log \sigma({x})",
          summary="Return log(sigmoid(x)) without cancellation."),
    unary("relu", "where(x <= 0, 0.0, x)", "where(x > 0, 1, where(x <= 0, 0, nan))",
          textbook=("(x > 0)",), smooth=False, symbolic_zeros=True,
          summary="Return the positive part; its derivative at 0 is 0."),
    Primitive(
        name="leaky_relu", arguments=("x", "slope"), rule="where(x > 0, x, slope * x)",
        partials=("where(x > 0, 1, slope)", "where(x > 0, 0, x)"),
        symbol="leaky relu", latex=r"\operatorname{{leaky\_relu}}_{{{slope}}}({x})",
        domain=(REALS, (0.0, 1.0)), defaults={"slope": 0.01}, smooth=False, symbolic_zeros=True,
        summary="Return x above 0 and slope * x below."),
    Primitive(
        name="elu", arguments=("x", "alpha"), rule="where(x > 0, x, alpha * expm1(x))",
        partials=("where(x > 0, 1, alpha * exp(x))", "where(x > 0, 0, expm1(x))"),
        symbol="elu", latex=r"\operatorname{{elu}}_{{{alpha}}}({x})", domain=(REALS, (0.1, 2.0)),
        defaults={"alpha": 1.0}, smooth=False, symbolic_zeros=True,
        summary="Return x above 0 and alpha * (exp(x) - 1) below (Clevert et al., 2015)."),
    unary("selu", "SELU_SCALE * where(x > 0, x, SELU_ALPHA * expm1(x))",
          "SELU_SCALE * where(x > 0, 1, SELU_ALPHA * exp(x))",
          smooth=False, symbolic_zeros=True,
          summary="Return the self-normalising elu (Klambauer et al., 2017)."),
    # Beyond 750 the sigmoid is 0 or 1 in floats, and x * sigmoid would be inf * 0 at infinity.
    unary("silu", "where(x < -750, -0.0, x * sigmoid(x))",
          "where(abs(x) > 750, sigmoid(x), sigmoid(x) * (1 + x * sigmoid(-x)))",
          summary="Return x * sigmoid(x), also called swish."),
    unary("gelu", "where(x < -40, -0.0, x * normal_cdf(x))",
          "where(abs(x) > 40, normal_cdf(x), normal_cdf(x) + x * normal_pdf(x))",
          summary="Return x times the normal distribution's cumulative probability."),
    unary("gelu_tanh",
          f"where(x < -25, -0.0, x * sigmoid({GELU_ARGUMENT}))",
          f"where(abs(x) > 25, where(x > 0, 1, 0), sigmoid({GELU_ARGUMENT})"
          " * (1 + 2 * SQRT_TWO_OVER_PI * (x + 3 * GELU_CUBIC * x * x * x)"
          f" * sigmoid(-{GELU_ARGUMENT})))",
          symbol="gelu~", latex=r"\operatorname{{gelu}}_{{\tanh}}({x})",
          summary="Return the tanh approximation of gelu (Hendrycks and Gimpel, 2016)."),
    unary("mish", "where(x < -750, -0.0, x * tanh(softplus(x)))",
          "where(abs(x) > 750, where(x > 0, 1, 0), tanh(softplus(x)) + x * sigmoid(x)"
          " * square(sech(softplus(x))))",
          summary="Return x * tanh(softplus(x)) (Misra, 2019)."),
    unary("softsign", "where(abs(x) == inf, sign(x), x / (1 + abs(x)))",
          "square(1 / (1 + abs(x)))", summary="Return x / (1 + |x|)."),
)  # fmt: skip

SPECIAL = (
    # exp amplifies the rounding errors of its argument's products: they are corrected for.
    Primitive(
        name="gaussian", arguments=("x", "c"),
        rule="where((1 < abs(c * (x * x))) & (abs(c * (x * x)) < 1000), exp(-c * (x * x))"
             " * (1 - (c * product_error(x, x) + product_error(c, x * x))), exp(-c * (x * x)))",
        partials=("where(z == 0, 0, -2 * c * x * z)", "where(z == 0, 0, -(x * x) * z)"),
        symbol="gauss", latex=r"e^{{-{c} {x}^2}}", domain=((-4.0, 4.0), (0.1, 1.0)),
        defaults={"c": 1.0}, summary="Return exp(-c x²)."),
    unary("normal_pdf", "ONE_OVER_SQRT_TWO_PI * gaussian(x, 0.5)", "where(z == 0, 0, -x * z)",
          symbol="φ", latex=r"\varphi({x})",
          summary="Return the density of the standard normal distribution."),
    # In the tail, the rounding of erfc's argument x sqrt(1/2) is corrected for.
    unary("normal_cdf",
          "where((x < -1) & (x > -40), 0.5 * erfc(-x * SQRT_HALF) + normal_pdf(x)"
          " * (x * SQRT_HALF_REST + product_error(x, SQRT_HALF)) / SQRT_HALF,"
          " 0.5 * erfc(-x * SQRT_HALF))", "normal_pdf(x)",
          symbol="Φ", latex=r"\Phi({x})",
          summary="Return the cumulative probability of the standard normal distribution."),
    unary("erf", "erf(x)", "TWO_OVER_SQRT_PI * gaussian(x, 1)", latex=r"\operatorname{{erf}}({x})",
          summary="Return the error function."),
    unary("erfc", "erfc(x)", "-TWO_OVER_SQRT_PI * gaussian(x, 1)",
          latex=r"\operatorname{{erfc}}({x})", summary="Return 1 - erf(x) without cancellation."),
    unary("lgamma", "lgamma(x)", "digamma(x)", POSITIVE, latex=r"\log\Gamma({x})",
          summary="Return the logarithm of the absolute value of the gamma function."),
    unary("digamma", "digamma(x)", "polygamma(1, x)", POSITIVE, symbol="ψ", latex=r"\psi({x})",
          summary="Return the derivative of lgamma."),
    Primitive(
        name="polygamma", arguments=("n", "x"), rule="polygamma(n, x)",
        partials=("nan", "polygamma(n + 1, x)"), symbol="ψ⁽ⁿ⁾", latex=r"\psi^{{({n})}}({x})",
        domain=((1.0, 1.0), POSITIVE),
        summary="Return the n-th derivative of digamma; it has none with respect to n."),
)  # fmt: skip

CHOICES = (
    binary("maximum", "where(x >= y, x, where(y > x, y, x + y))",
           ("where(x > y, 1, where(y > x, 0, 0.5))", "where(y > x, 1, where(x > y, 0, 0.5))"),
           symbol="max", latex=r"\max({x}, {y})", numpy=("maximum",), smooth=False,
           symbolic_zeros=True,
           summary="Return the larger of two; a tie shares the derivative, a nan wins."),
    binary("minimum", "where(x <= y, x, where(y < x, y, x + y))",
           ("where(x < y, 1, where(y < x, 0, 0.5))", "where(y < x, 1, where(x < y, 0, 0.5))"),
           symbol="min", latex=r"\min({x}, {y})", numpy=("minimum",), smooth=False,
           symbolic_zeros=True,
           summary="Return the smaller of two; a tie shares the derivative, a nan wins."),
    Primitive(
        name="clip", arguments=("x", "lo", "hi"), rule="minimum(maximum(x, lo), hi)",
        partials=("where((x < lo) | (x > hi), 0, where(x == lo, 0.5, 1) * where(x == hi, 0.5, 1))",
                  ("where(lo > hi, 0, where(x < lo, 1, where(x == lo, 0.5, 0)"
                   " * where(x == hi, 0.5, 1)))"),
                  "where((x > hi) | (lo > hi), 1, where(x == hi, 0.5, 0))"),
        symbol="clip", latex=r"\operatorname{{clip}}({x}, {lo}, {hi})", numpy=("clip",),
        smooth=False, symbolic_zeros=True, domain=(REALS, (-4.0, -1.0), (1.0, 4.0)),
        summary="Limit x to lo ... hi."),
    Primitive(
        name="where", arguments=("c", "x", "y"), rule="where(c != 0, x, y)",
        partials=("0", "where(c != 0, 1, 0)", "where(c != 0, 0, 1)"), symbol="where",
        latex=r"\begin{{cases}} {x} & {c} \\ {y} & \text{{else}} \end{{cases}}",
        domain=((0.0, 1.0), REALS, REALS), smooth=False, symbolic_zeros=True,
        summary="Choose x where c is true (not 0), else y; nothing flows back to the other."),
    # Comparisons as numbers: a compiled program evaluates them at each call.
    binary("less", "where(x < y, 1.0, where(x >= y, 0.0, nan))", ("0", "0"), symbol="<",
           latex="[{x} < {y}]", smooth=False, symbolic_zeros=True,
           summary="Return 1 where x < y, else 0; its derivative is 0."),
    binary("equal", "where(x == y, 1.0, where((x < y) | (x > y), 0.0, nan))", ("0", "0"),
           symbol="=", latex="[{x} = {y}]", smooth=False, symbolic_zeros=True,
           summary="Return 1 where x equals y, else 0; its derivative is 0."),
    unary("floor", "floor(x)", "0", latex=r"\lfloor {x} \rfloor", numpy=("floor",), smooth=False,
          symbolic_zeros=True, summary="Round down; its derivative is 0."),
    unary("ceil", "ceil(x)", "0", latex=r"\lceil {x} \rceil", numpy=("ceil",), smooth=False,
          symbolic_zeros=True, summary="Round up; its derivative is 0."),
    Primitive(
        name="round", arguments=("x", "digits"), rule="round(x, digits)", partials=("0", "0"),
        symbol="round", latex=r"\operatorname{{round}}({x})", domain=(REALS, (0.0, 0.0)),
        numpy=("rint",), defaults={"digits": 0.0}, smooth=False, symbolic_zeros=True,
        summary="Round half to even, to so many decimal digits; its derivative is 0."),
    unary("stop_gradient", "x", "0", symbol="stop", smooth=False, symbolic_zeros=True, exact=False,
          summary="Return the number itself; its derivative counts as 0, so nothing flows back."),
    unary("sign", "sign(x)", "0", symbol="sgn", latex=r"\operatorname{{sgn}}({x})", numpy=("sign",),
          smooth=False, symbolic_zeros=True, summary="Return -1, 0 or 1; its derivative is 0."),
)  # fmt: skip

SHIFTED = ("m = max(xs)", "parts = [exp_difference(x, m) for x in xs]")  # cannot overflow
LIST_FUNCTIONS: dict[str, ListFunction] = {
    # All x that equal z have equal shares of 1, the others 0.
    "shares": ListFunction(
        arguments=("xs", "z"), let=("hits = [same(x, z) for x in xs]", "count = sum(hits)"),
        rule="[hit / count for hit in hits]"),
    # If the largest is infinite, the limit: all weight is on the infinite ones.
    "softmax": ListFunction(
        arguments=("xs",), let=(*SHIFTED, "whole = sum(parts)"),
        rule="where(m == inf, shares(xs, m),"
             " where(m == -inf, [nan for x in xs], [part / whole for part in parts]))"),
    # (i == k) - p_i for probabilities p; 1 - p_k is the sum of the others, hence accurate.
    "complements": ListFunction(
        arguments=("ps", "k"), let=("rest = sum([where(i == k, 0, p) for i, p in enumerate(ps)])",),
        rule="[where(i == k, rest, -p) for i, p in enumerate(ps)]",
        textbook="[same(k, i) - p for i, p in enumerate(ps)]"),
}  # fmt: skip

LISTS = (
    variadic("sum", "sum(xs)", "[1 for x in xs]", symbol="Σ", latex=r"\sum_i {xs}_i", empty=0.0,
             summary="Add all, from left to right.", doc="""\
The sum of an empty list is 0.0.

>>> autograd.sum([Value(1.0), 2, 3])
Value(6.0, op='sum')
>>> autograd.sum([1, 2, 3])
6.0"""),
    variadic("mean", "sum(xs) / len(xs)", "[1 / len(xs) for x in xs]", symbol="mean",
             latex=r"\frac{{1}}{{n}} \sum_i {xs}_i", summary="Return the arithmetic mean.", doc="""\
>>> autograd.mean([Value(1.0), 2, 6])
Value(3.0, op='mean')"""),
    variadic("prod", "prod(xs)", "others(xs)", symbol="Π", latex=r"\prod_i {xs}_i",
             textbook=("g * others(xs)",), empty=1.0, padding=1.0,
             summary="Multiply all; zeros among them are no trouble to the derivatives.", doc="""\
The product of an empty list is 1.0.

>>> zero, five = Value(0.0), Value(5.0)
>>> autograd.prod([zero, five, 2]).backward(); zero.grad
10.0"""),
    variadic("dot", "sum([x * y for x, y in zip(xs, ys)]) + b", "[*ys, *xs, 1]",
             arguments=("xs", "ys", "b"), parameters=("xs", "ys", "bias"), empty=0.0,
             symbol="Σ", domain=(REALS, REALS, REALS), latex=r"\sum_i {xs}_i {ys}_i + {b}",
             summary="Return the sum of products, plus a bias.", doc="""\
The lists are of one length. The node's inputs are all of ``xs``, then all of ``ys``, then the bias
if there is one.

>>> w, b = [Value(0.5), Value(-1.0)], Value(3.0)
>>> z = autograd.dot(w, [2, 1], b)
>>> z.backward(); z.data, w[0].grad, b.grad
(3.0, 2.0, 1.0)"""),
    variadic("max", "max(xs)", "shares(xs, z)", padding=-inf,
             textbook=("g * shares(xs, z)",), latex=r"\max_i {xs}_i", smooth=False,
             symbolic_zeros=True, summary="Return the largest; ties share the derivative equally.",
             doc="""\
A nan wins.

>>> a, b = Value(2.0), Value(2.0)
>>> autograd.max([a, b, 1]).backward(); a.grad, b.grad
(0.5, 0.5)"""),
    variadic("min", "min(xs)", "shares(xs, z)", padding=inf,
             textbook=("g * shares(xs, z)",), latex=r"\min_i {xs}_i", smooth=False,
             symbolic_zeros=True,
             summary="Return the smallest; ties share the derivative equally.", doc="""\
A nan wins.

>>> autograd.min([Value(2.0), 1.5])
Value(1.5, op='min')"""),
    # log1p keeps the digits of the others where the largest dominates.
    variadic("logsumexp", "where(abs(m) == inf, m, m + log1p(sum_except(parts, 1)))", "softmax(xs)",
             let=SHIFTED, textbook=("g * softmax(xs)",), symbol="lse", padding=-inf,
             latex=r"\log \sum_i e^{{{xs}_i}}",
             summary="Return log(sum(exp(x_i))) without overflow.", doc="""\
>>> autograd.logsumexp([1000, 1000])
1000.6931471805599"""),
    variadic("softmax", "softmax(xs)[int(k)]",
             "[*[z * c for c in complements(softmax(xs), k)], 0]", arguments=("xs", "k"),
             textbook=("z * (g - sum(g * z))",), parameters=("xs",), padding=-inf,
             latex=r"\operatorname{{softmax}}({xs})_{{{k}}}", domain=(REALS, (0.0, 0.0)),
             summary="Return exp(x_k) / sum(exp(x_i)).", doc="""\
For all k: one node an element, shifted, so that nothing overflows.

>>> [p.data for p in autograd.softmax([Value(1000.0), 1000.0])]
[0.5, 0.5]"""),
    # Accurate also where the target's probability rounds to 1.
    variadic("cross_entropy",
             "where(m == inf, log(1 / shares(xs, m)[int(k)]), where(m == -inf, nan,"
             " (m - xs[int(k)]) + log1p(sum_except(parts, 1))))",
             "[*[-c for c in complements(softmax(xs), k)], 0]", arguments=("xs", "k"),
             let=SHIFTED, textbook=("g * (softmax(xs) - onehot(k, xs))",),
             parameters=("logits", "target"), padding=-inf,
             symbol="cross-entropy", latex=r"-\log \operatorname{{softmax}}({xs})_{{{k}}}",
             domain=(REALS, (0.0, 0.0)),
             summary="Return -log(softmax(logits)[target]), exact at both ends.", doc="""\
In nats. ``target`` is the position of the right class, 0 ... len(logits) - 1.

>>> autograd.cross_entropy([Value(1000.0), 0.0], 0).data, autograd.cross_entropy([0.0, -800.0], 1)
(0.0, 800.0)"""),
    variadic("take", "xs[int(k)]", "[*[where(i == k, 1, 0) for i in range(len(xs))], 0]",
             arguments=("xs", "k"), textbook=("g * onehot(k, xs)",), symbolic_zeros=True,
             parameters=("rows", "index"),
             symbol="[k]", latex=r"{xs}_{{{k}}}", domain=(REALS, (0.0, 0.0)),
             summary="Return xs[k], for a k that is known when the program runs."),
    variadic("norm", "norm(xs)", "[where(z == 0, 0, x / z) for x in xs]",
             textbook=("g * where(z == 0, 0, xs / z)",), symbol="‖·‖",
             latex=r"\lVert {xs} \rVert", empty=0.0,
             summary="Return the Euclidean length; 0 derivatives at 0.", doc="""\
>>> autograd.norm([Value(3.0), 4])
Value(5.0, op='norm')"""),
)  # fmt: skip

ENTRIES = (*ARITHMETIC, *EXPONENTIAL, *TRIGONOMETRIC, *ACTIVATIONS, *SPECIAL, *CHOICES, *LISTS)
TABLE: dict[str, Primitive] = {entry.name: entry for entry in ENTRIES}
LEAF, CONSTANT = "leaf", "constant"
DETACHED = frozenset({CONSTANT, "stop_gradient"})  # nothing flows back from them
CHECKPOINT = "checkpoint"  # a result of a recomputed block: no entry of the table


def table_digest() -> int:
    """Return a checksum of the table, which a compiled kernel stores when it is built."""
    return crc32(repr((CONSTANTS, LIST_FUNCTIONS, ENTRIES)).encode())


def text_digest(path: Path) -> int:
    """Return a checksum of a Python file that is also compiled, which its compiled form stores."""
    return crc32(path.read_bytes())
