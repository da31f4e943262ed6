/* The interpreter. A record is a row of integers: what it is, its length, and its operands.
 *
 * Operands are places in one array of doubles, with strides, all counted in doubles. A record goes
 * over a nest of outer axes, `dims` of them, and at each point of it over an inner axis; a batched
 * operand has its samples there, next to each other. Reduced axes are tables of offsets.
 * Lanes of samples beyond `count` may hold anything, and sums over samples leave them out. */

/* Walk over a nest: `walk` has the offsets of up to four operands at each point of it. */
#define NAME_WALK NAME(Walk)
typedef struct {
    ptrdiff_t dims, operands;
    const int64_t *extents, *operand[4]; /* an operand: its offset, its inner step, its strides */
    int64_t at[NEST], offset[4];
} NAME_WALK;

static inline void NAME(start)(NAME_WALK *walk) {
    for (ptrdiff_t axis = 0; axis < walk->dims; axis++) walk->at[axis] = 0;
    for (ptrdiff_t i = 0; i < walk->operands; i++) walk->offset[i] = walk->operand[i][0];
}

/* Go some steps along an axis. Written out: GCC makes slow vector products of a loop. */
static inline void NAME(go)(NAME_WALK *walk, ptrdiff_t axis, int64_t steps) {
    walk->offset[0] += steps * walk->operand[0][2 + axis];
    if (walk->operands > 1) walk->offset[1] += steps * walk->operand[1][2 + axis];
    if (walk->operands > 2) walk->offset[2] += steps * walk->operand[2][2 + axis];
    if (walk->operands > 3) walk->offset[3] += steps * walk->operand[3][2 + axis];
}

static inline int NAME(next)(NAME_WALK *walk) {
    for (ptrdiff_t axis = walk->dims - 1; axis >= 0; axis--) {
        if (++walk->at[axis] < walk->extents[axis]) {
            NAME(go)(walk, axis, 1);
            return 1;
        }
        NAME(go)(walk, axis, 1 - walk->extents[axis]);
        walk->at[axis] = 0;
    }
    return 0;
}

/* Let the inner axis, of n, take in outer ones that go on where it ends; return its length. */
static inline ptrdiff_t NAME(merge)(NAME_WALK *walk, ptrdiff_t n) {
    for (; walk->dims; walk->dims--) {
        for (ptrdiff_t i = 0; i < walk->operands; i++)
            if (walk->operand[i][1 + walk->dims] != n * walk->operand[i][1]) return n;
        n *= walk->extents[walk->dims - 1];
    }
    return n;
}

/* Reduce rows: z[i] is x[i] of all offsets in a table, combined in order. */
#define REDUCE(combine) \
    for (ptrdiff_t i = 0; i < n; i++) { \
        double a = x[table[0] + i * step]; \
        for (ptrdiff_t k = 1; k < count; k++) { \
            double b = x[table[k] + i * step]; \
            a = combine; \
        } \
        z[i] = a; \
    }

#define REDUCE_VECTORS(combine) \
    for (; i + LANES <= n; i += LANES) { \
        vec a = NAME(load)(x + table[0] + i); \
        for (ptrdiff_t k = 1; k < count; k++) { \
            vec b = NAME(load)(x + table[k] + i); \
            a = combine; \
        } \
        NAME(store)(z + i, a); \
    }

/* Euclidean lengths; hypot where a sum of squares would lose digits, or overflow. */
static void NAME(norm)(
    double *z, const double *x, int64_t step, ptrdiff_t n, const int64_t *table, int64_t count
) {
    for (ptrdiff_t i = 0; i < n; i++) {
        double a = 0.0;
        for (ptrdiff_t k = 0; k < count; k++) a += x[table[k] + i * step] * x[table[k] + i * step];
        if (a > 1e-280 && a < INFINITY) {
            z[i] = sqrt(a);
        } else {
            z[i] = fabs(x[table[0] + i * step]);
            for (ptrdiff_t k = 1; k < count; k++) z[i] = hypot(z[i], x[table[k] + i * step]);
        }
    }
}

static void NAME(reduce)(
    int64_t what, double *z, const double *x, int64_t step, ptrdiff_t n, const int64_t *table,
    int64_t count
) {
    ptrdiff_t i = 0;
    if (step == 1) {
        if (what == REDUCE_SUM) { REDUCE_VECTORS(a + b) }
        else if (what == REDUCE_MAX) { REDUCE_VECTORS(SELECT(LESS(a, b) | ~EQUAL(b, b), b, a)) }
        else if (what == REDUCE_MIN) { REDUCE_VECTORS(SELECT(LESS(b, a) | ~EQUAL(b, b), b, a)) }
        else if (what == REDUCE_PROD) { REDUCE_VECTORS(a * b) }
    }
    z += i;
    x += i * step;
    n -= i;
    if (what == REDUCE_SUM) REDUCE(a + b)
    else if (what == REDUCE_MAX) REDUCE(a < b || b != b ? b : a)
    else if (what == REDUCE_MIN) REDUCE(b < a || b != b ? b : a)
    else if (what == REDUCE_PROD) REDUCE(a * b)
    else NAME(norm)(z, x, step, n, table, count);
}

/* Sum products of rows: z[i] is the sum over k of x[xs[k] + i] * y[ys[k] + i]. */
static void NAME(dot_rows)(
    double *z, const double *x, int64_t dx, const double *y, int64_t dy, ptrdiff_t n,
    const int64_t *xs, const int64_t *ys, int64_t count
) {
    ptrdiff_t i = 0;
    if (dx == 1 && dy == 1) {
        for (; i + 4 * LANES <= n; i += 4 * LANES) {
            vec a = SPLAT(0.0), b = a, c = a, d = a;
            for (ptrdiff_t k = 0; k < count; k++) {
                const double *p = x + xs[k] + i, *q = y + ys[k] + i;
                a += NAME(load)(p) * NAME(load)(q);
                b += NAME(load)(p + LANES) * NAME(load)(q + LANES);
                c += NAME(load)(p + 2 * LANES) * NAME(load)(q + 2 * LANES);
                d += NAME(load)(p + 3 * LANES) * NAME(load)(q + 3 * LANES);
            }
            NAME(store)(z + i, a);
            NAME(store)(z + i + LANES, b);
            NAME(store)(z + i + 2 * LANES, c);
            NAME(store)(z + i + 3 * LANES, d);
        }
        for (; i + LANES <= n; i += LANES) {
            vec a = SPLAT(0.0);
            for (ptrdiff_t k = 0; k < count; k++)
                a += NAME(load)(x + xs[k] + i) * NAME(load)(y + ys[k] + i);
            NAME(store)(z + i, a);
        }
    }
    for (; i < n; i++) {
        double a = 0.0;
        for (ptrdiff_t k = 0; k < count; k++) a += x[xs[k] + i * dx] * y[ys[k] + i * dy];
        z[i] = a;
    }
}

/* Multiply a matrix of numbers that all samples share with rows, and add a number to each row. The
 * sums go over pieces: so much of the rows, for two vectors of samples, is in the first cache. */
#define PIECE 256
#if LANES == 8 || defined(__aarch64__) /* 32 registers, for the sums of a tile and its operands */
#define TALL 8
#define BROAD 4
#else
#define TALL 6
#define BROAD 2
#endif
static void NAME(multiply)(
    const double *a, const double *b, double *c, const double *bias, ptrdiff_t n, int64_t rows,
    int64_t count, const int64_t *a_rows, const int64_t *c_rows, const int64_t *bias_rows,
    const int64_t *a_sums, const int64_t *b_sums
) {
    for (ptrdiff_t i = 0; i < n;) { /* n is a multiple of 8, and so of LANES */
        int vectors = n - i >= 2 * LANES ? 2 : 1;
        int64_t k = 0;
        do {
            int64_t piece = count - k < PIECE ? count - k : PIECE;
            for (int64_t m = 0; m < rows;) {
                int64_t left = rows - m;
                int size = left >= TALL ? TALL : left >= 4 ? 4 : left >= 2 ? 2 : 1;
                MULTIPLY_TILE(size, vectors)(
                    a, a_rows + m, a_sums + k, b + i, b_sums + k, c + i, c_rows + m, bias,
                    bias_rows + m, piece, k == 0
                );
                m += size;
            }
            k += PIECE;
        } while (k < count);
        i += vectors * LANES;
    }
}

/* Add up products over samples, for each row of a with each row of b: over n, which are whole
 * vectors, and over those of one more vector that `keep` says, if it is not NULL. */
static void NAME(multiply_samples)(
    const double *a, const double *b, double *c, ptrdiff_t n, const double *keep, int64_t rows,
    int64_t columns, int64_t count, const int64_t *a_rows, const int64_t *c_rows, const int64_t *b_rows,
    const int64_t *c_columns, const int64_t *a_sums, const int64_t *b_sums
) {
    for (int64_t m = 0; m < rows;) {
        int64_t left = rows - m;
        int height = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        for (int64_t k = 0; k < columns;) {
            int width = columns - k >= BROAD ? BROAD : 1;
            OUTER_TILE(height, width)(
                a, a_rows + m, a_sums, b, b_rows + k, b_sums, c, c_rows + m, c_columns + k, n, keep,
                count
            );
            k += width;
        }
        m += height;
    }
}

/* The same for one sample: a product for each pair, and no sums of lanes. Columns are taken out of
 * their rows of samples first; those of the result are in order, mostly without gaps. */
#define COLUMNS 64
static void NAME(multiply_sample)(
    const double *a, const double *b, double *c, int64_t rows, int64_t columns, int64_t count,
    const int64_t *a_rows, const int64_t *c_rows, const int64_t *b_rows, const int64_t *c_columns,
    const int64_t *a_sums, const int64_t *b_sums
) {
    double own[COLUMNS];
    for (int64_t j = 0; j < count; j++) {
        for (int64_t first = 0; first < columns; first += COLUMNS) {
            const int64_t n = columns - first < COLUMNS ? columns - first : COLUMNS;
            const int64_t *at = c_columns + first;
            for (int64_t k = 0; k < n; k++) own[k] = b[b_sums[j] + b_rows[first + k]];
            for (int64_t m = 0; m < rows; m++) {
                const double x = a[a_rows[m] + a_sums[j]];
                double *to = c + c_rows[m];
                if (at[n - 1] - at[0] == n - 1)
                    for (int64_t k = 0; k < n; k++) to[at[0] + k] += x * own[k];
                else
                    for (int64_t k = 0; k < n; k++) to[at[k]] += x * own[k];
            }
        }
    }
}

static void NAME(sum_samples)(
    double *c, const double *x, ptrdiff_t n, const double *keep, const int64_t *table, int64_t count
) {
    vec a = SPLAT(0.0), b = a;
    for (ptrdiff_t k = 0; k < count; k++) {
        const double *row = x + table[k];
        ptrdiff_t i = 0;
        for (; i + 2 * LANES <= n; i += 2 * LANES) {
            a += NAME(load)(row + i);
            b += NAME(load)(row + i + LANES);
        }
        if (i < n) a += NAME(load)(row + i);
        if (keep) b += NAME(load_some)(row + n, keep);
    }
    *c += NAME(total)(a + b);
}

/* The same for one sample. */
static void NAME(sum_sample)(double *c, const double *x, const int64_t *table, int64_t count) {
    double a = 0.0;
    for (ptrdiff_t k = 0; k < count; k++) a += x[table[k]];
    *c += a;
}

/* Return the position that a number says, -1 if it says none. */
static inline int64_t NAME(position)(double x, int64_t count) {
    int64_t k = x >= 0.0 && x < (double)count ? (int64_t)x : -1;
    return (double)k == x ? k : -1;
}

/* Run records. Return 0, or 1 where there is a number that the records are not made for. */
static int NAME(run)(const int64_t *code, const int64_t *end, double *data, ptrdiff_t count) {
    double keep[LANES]; /* the lanes of a last vector that is not full */
    for (int lane = 0; lane < LANES; lane++)
        keep[lane] = blocked_of_bits(lane < count % LANES ? ~(uint64_t)0 : 0);
    for (; code < end; code += code[1]) {
        const int64_t *p = code + 5; /* kind, length, an operation, dims, the inner length */
        ptrdiff_t n = (ptrdiff_t)code[4];
        if (code[0] == ELEMENTWISE && !code[3]) { /* most records: no nest to walk over */
            const int64_t *y = ARITIES[code[2]] > 1 ? p + 4 : p;
            const int64_t *w = ARITIES[code[2]] > 2 ? p + 6 : p;
            NAME(FUNCTIONS)[code[2]](
                n, data + p[0], p[1], data + p[2], p[3], data + y[0], y[1], data + w[0], w[1]
            );
            continue;
        }
        NAME_WALK walk;
        walk.dims = (ptrdiff_t)code[3];
        walk.extents = p;
        p += walk.dims;
        walk.operands = OPERANDS[code[0]] ? OPERANDS[code[0]] : 1 + ARITIES[code[2]];
        for (ptrdiff_t i = 0; i < walk.operands; i++, p += 2 + walk.dims) walk.operand[i] = p;
        for (ptrdiff_t i = walk.operands; i < 4; i++) {
            walk.operand[i] = code; /* not there: what is read of it is not used */
            walk.offset[i] = 0;
        }
        if (code[0] == ELEMENTWISE) n = NAME(merge)(&walk, n);
        const ptrdiff_t used = n < count ? n : count; /* of the lanes */
        const ptrdiff_t whole = used / LANES * LANES;
        const double *some = whole < used ? keep : NULL;
        NAME(start)(&walk);
        do {
            double *z = data + walk.offset[0];
            double *x = data + walk.offset[1], *y = data + walk.offset[2];
            int64_t dz = walk.operand[0][1], dx = walk.operand[1][1], dy = walk.operand[2][1];
            switch (code[0]) {
            case ELEMENTWISE:
                NAME(FUNCTIONS)[code[2]](
                    n, z, dz, x, dx, y, dy, data + walk.offset[3], walk.operand[3][1]
                );
                break;
            case REDUCTION: NAME(reduce)(code[2], z, x, dx, n, p + 1, p[0]); break;
            case DOT_ROWS: NAME(dot_rows)(z, x, dx, y, dy, n, p + 1, p + 1 + p[0], p[0]); break;
            case MULTIPLY: {
                const int64_t rows = p[0], sums = p[1], *table = p + 2;
                NAME(multiply)(
                    x, y, z, data + walk.offset[3], n, rows, sums, table, table + rows,
                    table + 2 * rows, table + 3 * rows, table + 3 * rows + sums
                );
                break;
            }
            case MULTIPLY_SAMPLES: {
                const int64_t rows = p[0], columns = p[1], sums = p[2], *table = p + 3;
                const int64_t *right = table + 2 * rows, *inner = right + 2 * columns;
                if (used == 1) {
                    NAME(multiply_sample)(
                        x, y, z, rows, columns, sums, table, table + rows, right, right + columns,
                        inner, inner + sums
                    );
                } else {
                    NAME(multiply_samples)(
                        x, y, z, whole, some, rows, columns, sums, table, table + rows, right,
                        right + columns, inner, inner + sums
                    );
                }
                break;
            }
            case SUM_SAMPLES:
                if (used == 1) NAME(sum_sample)(z, x, p + 1, p[0]);
                else NAME(sum_samples)(z, x, whole, some, p + 1, p[0]);
                break;
            case CHECK_FINITE:
                for (ptrdiff_t i = 0; i < used; i++)
                    if (!isfinite(z[i * dz])) return 1;
                break;
            case CHECK_POSITIONS:
                for (ptrdiff_t i = 0; i < used; i++)
                    if (NAME(position)(z[i * dz], p[0]) < 0) return 1;
                break;
            case TAKE:
                for (ptrdiff_t i = 0; i < n; i++) {
                    int64_t k = NAME(position)(y[i * dy], p[0]); /* checked, but for unused lanes */
                    z[i * dz] = x[(k < 0 ? 0 : k) * p[1] + i * dx];
                }
                break;
            case SCATTER:
                for (ptrdiff_t i = 0; i < (dy ? used : n); i++) {
                    int64_t k = NAME(position)(y[i * dy], p[0]);
                    if (k >= 0) z[k * p[1] + i * dz] += x[i * dx];
                }
                break;
            default: return 1;
            }
        } while (NAME(next)(&walk));
    }
    return 0;
}
#undef NAME_WALK
#undef REDUCE
#undef REDUCE_VECTORS
#undef PIECE
#undef COLUMNS
#undef TALL
#undef BROAD
