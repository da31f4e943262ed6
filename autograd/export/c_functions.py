"""The C functions that programs call: the table's rules, and what C's library lacks."""

from collections.abc import Iterable, Sequence
from typing import Any

from autograd.expressions.dialects import CPrinter
from autograd.expressions.tree import parse
from autograd.kernels.cython.source import LIBM
from autograd.primitives import TABLE
from autograd.rules import special

C99 = frozenset({*LIBM, "fabs", "pow", "hypot", "atan2", "cbrt", "lgamma"})
# name: (what it calls, text)
WRITTEN: dict[str, tuple[tuple[str, ...], str]] = {
    "sign": ((), """\
static double sign(double x) { return x != x ? x : (double)((x > 0) - (x < 0)); }
"""),
    "floordiv": ((), """\
static double floordiv(double x, double y)
{
    double m, q;
    if (y == 0 || x != x || y != y) return x / y;
    m = fmod(x, y);
    q = (x - m) / y;
    if (m != 0 && (y < 0) != (m < 0)) q -= 1.0;
    if (q == 0) return copysign(0.0, x / y);
    m = floor(q);
    return q - m > 0.5 ? m + 1.0 : m;
}
"""),
    "mod": ((), """\
static double mod(double x, double y)
{
    double m;
    if (y == 0) return NAN;
    m = fmod(x, y);
    if (m == 0) return copysign(0.0, y);
    return (y < 0) != (m < 0) ? m + y : m;
}
"""),
    "product_error": ((), """\
/* x * y less its rounding; 0 where that could leave the range of numbers */
static double product_error(double x, double y)
{
    double z = x * y;
    if (!(1e-280 < fabs(z) && fabs(z) < INFINITY && fabs(x) < 1e150 && fabs(y) < 1e150)) return 0.0;
    return fma(x, y, -z);
}
"""),
    "round_to": ((), """\
/* half to even; with digits, of the number as it is stored, times a power of ten */
static double round_to(double x, double digits)
{
    double scale, scaled;
    if (!isfinite(x) || !isfinite(digits)) return digits != digits ? digits : x;
    if (digits == 0) return rint(x);
    scale = pow(10.0, digits);
    scaled = x * scale;
    return isfinite(scaled) ? rint(scaled) / scale : x;
}
"""),
    "polygamma": (("digamma",), """\
/* the n-th derivative of digamma: shifted up, then the asymptotic series (Abramowitz and Stegun,
   6.4.11); below 0 by reflection */
static double polygamma_right(int n, double x)
{
    static const double bernoulli[] = {@BERNOULLI@};
    double total = 0.0, sum, scale = 1.0, power = 1.0;
    for (; x < @SHIFT@ + n; x++) {
        double term = 1.0;
        for (int k = 1; k <= n; k++) term *= k / x;
        total += term / x;
    }
    sum = 1.0 / n + 0.5 / x;
    for (int k = 1; k <= n; k++) scale *= k / x;
    for (int k = 1; k <= (int)(sizeof bernoulli / sizeof *bernoulli); k++) {
        double ratio = 1.0;  /* (2k + n - 1)! / (n! (2k)!) */
        for (int j = 1; j < 2 * k; j++) ratio *= (double)(n + j) / j;
        power /= x * x;
        sum += bernoulli[k - 1] * ratio / (2 * k) * power;
    }
    return (n % 2 ? 1.0 : -1.0) * (scale * sum + total);
}

static double polygamma(double order, double x)
{
    int n = order >= 0 && order <= @MAX_ORDER@ ? (int)order : -1;
    double polynomial[@MAX_ORDER@ + 2] = {0.0, 1.0}, c, value = 0.0, power = 3.141592653589793;
    if (n < 0 || n != order || x != x || x == -INFINITY) return NAN;
    if (n == 0) return digamma(x);
    if (x == INFINITY) return 0.0;
    if (x > 0) return polygamma_right(n, x);
    if (x == floor(x)) return n % 2 ? INFINITY : x != 0 ? NAN : -copysign(INFINITY, x);
    c = 1.0 / tan(3.141592653589793 * (x - rint(x)));
    for (int k = 1; k <= n; k++) {  /* the derivative of a polynomial in cot is another */
        double next[@MAX_ORDER@ + 2] = {0.0};
        for (int j = 1; j <= k; j++) {
            next[j - 1] -= j * polynomial[j];
            next[j + 1] -= j * polynomial[j];
        }
        for (int j = 0; j <= k + 1; j++) polynomial[j] = next[j];
        power *= 3.141592653589793;
    }
    for (int j = n + 1; j >= 0; j--) value = value * c + polynomial[j];
    return (n % 2 ? -1.0 : 1.0) * polygamma_right(n, 1.0 - x) - power * value;
}
"""),
    "digamma": ((), """\
/* the derivative of lgamma: Taylor's series about its root, the asymptotic one from @SHIFT@ on
   (Abramowitz and Stegun, 6.3.18), below 0 by reflection */
static double digamma(double x)
{
    static const double at_root[] = {@SERIES@};
    static const double bernoulli[] = {@BERNOULLI@};
    double shift = 0.0, total = 0.0;
    if (x != x || x == INFINITY) return x;
    if (x == -INFINITY) return NAN;
    if (x == 0) return -copysign(INFINITY, x);
    if (x < 0) {
        if (x == floor(x)) return NAN;
        return digamma(1.0 - x) - 3.141592653589793 / tan(3.141592653589793 * (x - rint(x)));
    }
    if (x >= @SHIFT@) {
        double square = 1.0 / x / x;
        for (int k = (int)(sizeof bernoulli / sizeof *bernoulli); k > 0; k--)
            total = (total + bernoulli[k - 1] / (2 * k)) * square;
        return log(x) - 0.5 / x - total;
    }
    if (x < 1) {
        shift = -1.0 / x;
        x += 1.0;
    }
    for (; x > 2; shift += 1.0 / x) x -= 1.0;
    x = (x - @ROOT@) - @REST@;
    for (int k = (int)(sizeof at_root / sizeof *at_root); k > 0; k--)
        total = (total + at_root[k - 1]) * x;
    return total + shift;
}
"""),
}  # fmt: skip


def helpers(calls: Iterable[str]) -> list[str]:
    """Return the functions that are called, each after those that it calls itself."""
    made: dict[str, str] = {}

    def define(name: str) -> None:
        if name not in made and name not in C99:
            needs, text = _written(name)
            for need in reversed(needs):
                define(need)
            made[name] = text

    for name in calls:
        define(name)
    return list(made.values())


def _written(name: str) -> tuple[Sequence[str], str]:
    """Return what a function calls, and its text."""
    if name in WRITTEN:
        needs, text = WRITTEN[name]
        return needs, _numbered(text)
    entry, printer = TABLE[name], CPrinter()
    body = printer.text(parse(entry.rule, name))
    parameters = ", ".join(f"double {argument}" for argument in entry.arguments)
    needs = tuple(dict.fromkeys(printer.calls))
    return needs, f"static double {name}({parameters})\n{{\n    return {body};\n}}\n"


def _numbered(text: str) -> str:
    numbers: dict[str, Any] = {
        "BERNOULLI": ", ".join(map(repr, special.BERNOULLI)),
        "SERIES": ", ".join(map(repr, special.SERIES_AT_ROOT)),
        "ROOT": repr(special.ROOT[0]), "REST": repr(special.ROOT[1]),
        "SHIFT": repr(special.SHIFT), "MAX_ORDER": str(special.MAX_ORDER),
    }  # fmt: skip
    for key, number in numbers.items():
        text = text.replace(f"@{key}@", number)
    return text
