"""Write the blocked executor's source: a loop in C for each operation, and the matrix kernels.

The operations are the table's own rules, in C. The kernels keep each sum in a variable of its own:
GCC leaves arrays of vectors in memory.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from autograd.expressions.dialects import CPrinter
from autograd.expressions.tree import Operation, parse, walk
from autograd.kernels.cython import source
from autograd.primitives import TABLE, Primitive

VECTORS = ("exp", "log", "tanh", "sigmoid")  # in blocked_math.h
LIBM = {
    *("pow", "sqrt", "hypot", "exp", "expm1", "log", "log1p", "log2", "log10"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
    *("asinh", "acosh", "atanh", "erf", "erfc", "floor", "ceil"),
}
OVERRIDDEN = {  # rules that call themselves; functions of blocked_functions.h
    "sign": "x != x ? x : (double)((x > 0.0) - (x < 0.0))",
    "cbrt": "blocked_cbrt(x)", "floordiv": "blocked_floordiv(x, y)",
    "mod": "blocked_mod(x, y)", "lgamma": "blocked_lgamma(x)",
    "digamma": "blocked_digamma(x)", "polygamma": "blocked_polygamma(n, x)",
    "round": "blocked_round(x, digits)",
}  # fmt: skip
PROVIDED = {*LIBM, "abs", "product_error", *OVERRIDDEN}
# Operations that the table has not: comparisons, and powers with an exponent that is known.
EXTRA = {
    "copy": ("x", "x"),
    "lt": ("xy", "x < y"), "le": ("xy", "x <= y"), "gt": ("xy", "x > y"), "ge": ("xy", "x >= y"),
    "eq": ("xy", "x == y"), "ne": ("xy", "x != y"),
    "and": ("xy", "(x != 0.0) & (y != 0.0)"), "or": ("xy", "(x != 0.0) | (y != 0.0)"),
    "pow_half": ("x", "x == -INFINITY ? INFINITY : sqrt(x + 0.0)"),
    "pow_minus_half": ("x", "x == -INFINITY ? 0.0 : 1.0 / sqrt(x + 0.0)"),
    "pow_minus_three_halves": ("x", "x == -INFINITY ? 0.0 : 1.0 / sqrt(x + 0.0) / (x + 0.0)"),
    "whole": ("x", "trunc(x)"),
    "same": ("xy", "(x == y) | ((x != x) & (y != y))"),
    # several operations at once: the builder looks for them
    "mul_add": ("xyw", "x * y + w"), "mul_sub": ("xyw", "x * y - w"),
    "sub_mul": ("xyw", "w - x * y"), "mul_gt": ("xyw", "x * (y > w ? 1.0 : 0.0)"),
}  # fmt: skip
PYTHON = {"lgamma", "digamma", "polygamma", "round"}  # functions that Python has alone
NUMBER, VECTOR, FUNCTION = 0.15, 1.5, 6.0  # nanoseconds of an operation, measured on one core
KINDS = {  # records, and how many operands each has; 0: those of its operation
    "ELEMENTWISE": 0, "REDUCTION": 2, "DOT_ROWS": 3, "MULTIPLY": 4, "MULTIPLY_SAMPLES": 3,
    "SUM_SAMPLES": 2, "CHECK_FINITE": 1, "CHECK_POSITIONS": 1, "TAKE": 3, "SCATTER": 3,
}  # fmt: skip
TILE_ROWS, TILE_VECTORS = (8, 6, 4, 2, 1), (2, 1)
OUTER_ROWS, OUTER_COLUMNS = (4, 2, 1), (4, 2, 1)
HEADER = "blocked_operations.h"


def write(target: Path) -> None:
    """Write the module's source, and beside it the header that it includes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    names = list(operations())
    sections: dict[str, Callable[[], Iterator[str]]] = {
        "digest": source.digest,
        "operations": lambda: iter((f"OPERATIONS = {tuple(names)!r}",)),
        "kinds": lambda: iter((f"KINDS = {tuple(KINDS)!r}",)),
    }
    target.write_text(source.fill(("blocked",), sections), encoding="utf-8")
    target.with_name(HEADER).write_text("\n".join([*_header(), ""]), encoding="utf-8")


def operations() -> dict[str, tuple[str, ...]]:
    """Return the operations by name, with their operands."""
    own = {entry.name: entry.arguments for entry in source.FIXED if _is_known(entry)}
    return own | {name: tuple(arguments) for name, (arguments, _) in EXTRA.items()}


def _is_known(entry: Primitive) -> bool:
    """Whether all functions in a rule are known in C."""
    calls = {
        x.op for x in walk(parse(entry.rule, entry.name))
        if isinstance(x, Operation) and x.op not in CPrinter.operators
    }  # fmt: skip
    return all(
        call in PROVIDED or (call != entry.name and call in TABLE and _is_known(TABLE[call]))
        for call in calls
    )


def cost(name: str) -> float:
    """Return about how many nanoseconds an operation takes for a number; 0 if Python computes it.

    >>> cost("mul"), cost("exp"), cost("expm1"), cost("lgamma")
    (0.15, 1.5, 6.0, 0.0)
    """
    if name in PYTHON:
        return 0.0
    if name in VECTORS:
        return VECTOR
    if name in EXTRA or name in OVERRIDDEN or name == "product_error":
        return NUMBER
    total = 0.0
    calls = (x.op for x in walk(parse(TABLE[name].rule, name)) if isinstance(x, Operation))
    for call in calls:
        is_rule = call != name and call in TABLE and call not in CPrinter.operators
        each = cost(call) if is_rule else FUNCTION if call in LIBM - {"sqrt"} else NUMBER
        if not each:
            return 0.0
        total += each
    return total


class _Printer(CPrinter):
    """Prints the table's functions as those of this instruction set."""

    def function(self, name: str) -> str:
        """Return the name of a function: of the library, or of the table."""
        return self.names.get(name, name) if name in LIBM | {"abs"} else f"NAME(f_{name})"


def _header() -> Iterator[str]:
    yield "/* Generated from the table of primitives. */"
    yield from _shared()
    yield "static inline double NAME(f_product_error)(double x, double y) {"
    yield "    double z = x * y;"
    yield "    int safe = fabs(z) > 1e-280 && fabs(z) < INFINITY && fabs(x) < 1e150;"
    yield "    return safe && fabs(y) < 1e150 ? fma(x, y, -z) : 0.0;"
    yield "}"
    for name, arguments in operations().items():  # rules call functions that come later
        yield f"static inline double NAME(f_{name})({_parameters(arguments)});"
    for name, arguments in operations().items():
        yield from _operation(name, arguments)
    yield "static const RowFunction NAME(FUNCTIONS)[] = {"
    yield from (f"    NAME(o_{name})," for name in operations())
    yield "};"
    for rows in TILE_ROWS:
        for vectors in TILE_VECTORS:
            yield from _tile(rows, vectors)
    for rows in OUTER_ROWS:
        for columns in OUTER_COLUMNS:
            yield from _outer_tile(rows, columns)
    yield "typedef void (*NAME(Tile))("
    yield f"    {', '.join(TILE_TYPES)}\n);"
    table = ", ".join(f"NAME(tile_{r}_{v})" for r in TILE_ROWS for v in TILE_VECTORS)
    yield f"static const NAME(Tile) NAME(TILES)[] = {{{table}}};"
    yield "typedef void (*NAME(OuterTile))("
    yield f"    {', '.join(OUTER_TYPES)}\n);"
    table = ", ".join(f"NAME(outer_{r}_{c})" for r in OUTER_ROWS for c in OUTER_COLUMNS)
    yield f"static const NAME(OuterTile) NAME(OUTER_TILES)[] = {{{table}}};"


def _shared() -> Iterator[str]:
    """Write what the instruction sets share, once."""
    yield "#ifndef BLOCKED_SHARED"
    yield "#define BLOCKED_SHARED"
    yield f"enum {{ {', '.join(KINDS)} }};"
    yield "enum { REDUCE_SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_NORM };"
    yield "enum { NEST = 16 }; /* the most axes that a record has */"
    yield f"static const int OPERANDS[] = {{{', '.join(map(str, KINDS.values()))}}};"
    arities = ", ".join(str(len(arguments)) for arguments in operations().values())
    yield f"static const int ARITIES[] = {{{arities}}};"
    costs = ", ".join(f"{cost(name):.2f}" for name in operations())
    yield f"static const double COSTS[] = {{{costs}}};"
    yield "typedef void (*RowFunction)("
    yield "    ptrdiff_t, double *, int64_t, const double *, int64_t, const double *, int64_t,"
    yield "    const double *, int64_t"
    yield ");"
    yield "typedef struct {"
    yield "    const char *name;"
    yield "    int (*run)(const int64_t *, const int64_t *, double *, ptrdiff_t);"
    yield "    const RowFunction *functions;"
    yield "} BlockedLevel;"
    yield from _tile_macro("MULTIPLY_TILE", "TILES", TILE_ROWS, TILE_VECTORS)
    yield from _tile_macro("OUTER_TILE", "OUTER_TILES", OUTER_ROWS, OUTER_COLUMNS)
    yield "#endif"


def _tile_macro(
    name: str, table: str, rows: tuple[int, ...], columns: tuple[int, ...]
) -> Iterator[str]:
    """Write how a tile is found by its size."""
    places = []
    for size, sizes in (("(height)", rows), ("(width)", columns)):
        tests = "".join(f"{size} == {n} ? {i} : " for i, n in enumerate(sizes[:-1]))
        places.append(f"({tests}{len(sizes) - 1})")
    yield f"#define {name}(height, width) NAME({table})[{len(columns)} * {places[0]} + {places[1]}]"


def _operation(name: str, arguments: tuple[str, ...]) -> Iterator[str]:
    """Write an operation as a function of numbers, and as one of rows of them."""
    rule = EXTRA[name][1] if name in EXTRA else OVERRIDDEN.get(name)
    text = rule or _Printer().text(parse(TABLE[name].rule, name))
    yield f"static inline double NAME(f_{name})({_parameters(arguments)}) {{ return {text}; }}"
    yield f"static void NAME(o_{name})("
    yield "    ptrdiff_t n, double *z, int64_t dz, const double *x, int64_t dx, const double *y,"
    yield "    int64_t dy, const double *w, int64_t dw"
    yield ") {"
    yield "    (void)y, (void)dy, (void)w, (void)dw;"
    if name in VECTORS:
        yield f"    if (dz == 1 && dx == 1) {{ NAME(row_{name})(z, x, n); return; }}"
        yield "    for (ptrdiff_t i = 0; i < n; i++)"
        yield f"        NAME(row_{name})(z + i * dz, x + i * dx, 1);"
        yield "}"
        return
    names = ("x", "y", "w")[: len(arguments)]
    for steps in {
        1: ("1",),
        2: ("11", "10", "01"),
        3: ("111", "110", "101", "011", "100", "010", "001"),
    }[len(names)]:
        tests = " && ".join(f"d{x} == {s}" for x, s in zip(names, steps, strict=True))
        yield f"    if (dz == 1 && {tests}) {{"
        for x, s in zip(names, steps, strict=True):
            if s == "0":
                yield f"        const double {x}0 = *{x};"
        operands = ", ".join(
            f"{x}[i]" if s == "1" else f"{x}0" for x, s in zip(names, steps, strict=True)
        )
        yield "        IVDEP"
        yield f"        for (ptrdiff_t i = 0; i < n; i++) z[i] = NAME(f_{name})({operands});"
        yield "        return;"
        yield "    }"
    operands = ", ".join(f"{x}[i * d{x}]" for x in names)
    yield f"    for (ptrdiff_t i = 0; i < n; i++) z[i * dz] = NAME(f_{name})({operands});"
    yield "}"


def _parameters(arguments: tuple[str, ...]) -> str:
    return ", ".join(f"double {x}" for x in arguments)


TILE_TYPES = (
    *("const double *", "const int64_t *", "const int64_t *", "const double *"),
    *("const int64_t *", "double *", "const int64_t *"),
    *("const double *", "const int64_t *", "int64_t", "int"),
)
OUTER_TYPES = (
    *("const double *", "const int64_t *", "const int64_t *"),
    *("const double *", "const int64_t *", "const int64_t *"),
    *("double *", "const int64_t *", "const int64_t *"),
    *("ptrdiff_t", "const double *", "int64_t"),
)


def _signature(name: str, types: tuple[str, ...], parameters: str) -> str:
    pairs = zip(types, parameters.split(), strict=True)
    return f"static void NAME({name})({', '.join(f'{t} {p}' for t, p in pairs)}) {{"


def _tile(rows: int, vectors: int) -> Iterator[str]:
    """Write the product of some rows of a matrix with some vectors of samples."""
    parameters = "a a_rows a_sums b b_sums c c_rows bias bias_rows count is_first"
    yield _signature(f"tile_{rows}_{vectors}", TILE_TYPES, parameters)
    grid = [(m, v) for m in range(rows) for v in range(vectors)]
    for m in range(rows):
        yield f"    const double *a{m} = a + a_rows[{m}];"
    yield f"    vec {', '.join(f'c{m}{v}' for m, v in grid)};"
    yield "    if (is_first) {"
    yield from (f"        c{m}{v} = SPLAT(bias[bias_rows[{m}]]);" for m, v in grid)
    yield "    } else {"
    yield from (f"        c{m}{v} = NAME(load)(c + c_rows[{m}] + {v} * LANES);" for m, v in grid)
    yield "    }"
    yield "    for (int64_t k = 0; k < count; k++) {"
    yield "        const double *from = b + b_sums[k];"
    yield "        const int64_t at = a_sums[k];"
    for v in range(vectors):
        yield f"        const vec b{v} = NAME(load)(from + {v} * LANES);"
    for m, v in grid:
        yield f"        c{m}{v} += b{v} * a{m}[at];"
    yield "    }"
    for m, v in grid:
        yield f"    NAME(store)(c + c_rows[{m}] + {v} * LANES, c{m}{v});"
    yield "}"


def _outer_tile(rows: int, columns: int) -> Iterator[str]:
    """Write the sums over samples of some rows times some others."""
    parameters = "a a_rows a_sums b b_rows b_sums c c_rows c_columns n keep count"
    yield _signature(f"outer_{rows}_{columns}", OUTER_TYPES, parameters)
    grid = [(m, k) for m in range(rows) for k in range(columns)]
    yield f"    vec {', '.join(f'c{m}{k} = SPLAT(0.0)' for m, k in grid)};"
    yield "    for (int64_t j = 0; j < count; j++) {"
    yield "        const double *p = a + a_sums[j], *q = b + b_sums[j];"
    for m in range(rows):
        yield f"        const double *a{m} = p + a_rows[{m}];"
    for k in range(columns):
        yield f"        const double *b{k} = q + b_rows[{k}];"
    for head, load in (
        ("for (ptrdiff_t i = 0; i < n; i += LANES)", "NAME(load)({} + i)"),
        ("if (keep)", "NAME(load_some)({} + n, keep)"),
    ):
        yield f"        {head} {{"
        for m in range(rows):
            yield f"            const vec x{m} = {load.format(f'a{m}')};"
        for k in range(columns):
            yield f"            const vec y{k} = {load.format(f'b{k}')};"
        for m, k in grid:
            yield f"            c{m}{k} += x{m} * y{k};"
        yield "        }"
    yield "    }"
    yield f"    double sums[{len(grid)}];"
    for i in range(0, len(grid), 4):
        some = [f"c{m}{k}" for m, k in grid[i : i + 4]]
        if len(some) == 4:
            yield f"    NAME(totals)(sums + {i}, {', '.join(some)});"
        else:
            yield from (f"    sums[{i + j}] = NAME(total)({x});" for j, x in enumerate(some))
    yield from (
        f"    c[c_rows[{m}] + c_columns[{k}]] += sums[{i}];" for i, (m, k) in enumerate(grid)
    )
    yield "}"
