/* Vectors of doubles, and exp, log, tanh and sigmoid of them: at most 2 ulp with fused multiply-add.
 *
 * This file is included once for each instruction set (see blocked.h). LANES is the number of doubles
 * in a vector, NAME(x) adds the instruction set's suffix. Where the compiler has no vectors of its
 * own, LANES is 1 and a vector is a double. No operation depends on the lane that a number is in. */

#if LANES > 1
typedef double NAME(vec) __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef uint64_t NAME(bits) __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
#define BITS(x) ((bits)(x))
#define OF_BITS(x) ((vec)(x))
#define LESS(x, y) ((bits)((x) < (y)))
#define EQUAL(x, y) ((bits)((x) == (y)))
#else
typedef double NAME(vec);
typedef uint64_t NAME(bits);
#define BITS(x) blocked_bits(x)
#define OF_BITS(x) blocked_of_bits(x)
#define LESS(x, y) (-(uint64_t)((x) < (y)))
#define EQUAL(x, y) (-(uint64_t)((x) == (y)))
#endif
#define vec NAME(vec)
#define bits NAME(bits)
#define SELECT(mask, x, y) OF_BITS(((mask) & BITS(x)) | (~(mask) & BITS(y)))

/* By pointers: for AVX2, GCC makes of memcpy two halves by way of memory, 20 times as slow. */
static inline vec NAME(load)(const double *x) { return *(const vec *)x; }
static inline void NAME(store)(double *z, vec v) { *(vec *)z = v; }

/* Load the lanes whose bits are set in `keep`, and 0 for the others, whatever they hold. */
static inline vec NAME(load_some)(const double *x, const double *keep) {
    return OF_BITS(BITS(NAME(load)(x)) & BITS(NAME(load)(keep)));
}

static inline vec NAME(splat)(double x) {
    double all[LANES];
    for (int lane = 0; lane < LANES; lane++) all[lane] = x;
    return NAME(load)(all);
}

/* Return the sum of the lanes: neighbours are added up, then pairs of them, and so on. */
static inline double NAME(total)(vec v) {
    double x[LANES];
    NAME(store)(x, v);
#if LANES == 8
    return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
#elif LANES == 4
    return (x[0] + x[1]) + (x[2] + x[3]);
#elif LANES == 2
    return x[0] + x[1];
#else
    return x[0];
#endif
}

/* Sum the lanes of four vectors, in the same order as `total`. */
static inline void NAME(totals)(double *z, vec a, vec b, vec c, vec d) {
#if LANES == 8 && defined(SHUFFLE)
    vec ab = SHUFFLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + SHUFFLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    vec cd = SHUFFLE(c, d, 0, 8, 2, 10, 4, 12, 6, 14) + SHUFFLE(c, d, 1, 9, 3, 11, 5, 13, 7, 15);
    vec all = SHUFFLE(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) + SHUFFLE(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
    double halves[8];
    NAME(store)(halves, all);
    for (int k = 0; k < 4; k++) z[k] = halves[k] + halves[k + 4];
#elif LANES == 4 && defined(SHUFFLE)
    vec ab = SHUFFLE(a, b, 0, 4, 2, 6) + SHUFFLE(a, b, 1, 5, 3, 7);
    vec cd = SHUFFLE(c, d, 0, 4, 2, 6) + SHUFFLE(c, d, 1, 5, 3, 7);
    NAME(store)(z, SHUFFLE(ab, cd, 0, 1, 4, 5) + SHUFFLE(ab, cd, 2, 3, 6, 7));
#else
    z[0] = NAME(total)(a), z[1] = NAME(total)(b), z[2] = NAME(total)(c), z[3] = NAME(total)(d);
#endif
}

#define SPLAT NAME(splat)
#define ROUNDER 6755399441055744.0 /* 1.5 * 2^52: what is added to it is rounded to an integer */
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 6.93147180369123816490e-01 /* times an integer below 2^20: exact */
#define LN2_LOW 1.90821492927058770002e-10

/* Return 2^k for a whole k of -1022 to 1023: the low bits of k + ROUNDER are k's own. */
static inline vec NAME(power_of_2)(vec k) { return OF_BITS((BITS(k + ROUNDER) + 1023) << 52); }

/* Return exp(r) - 1 - r for |r| <= ln(2) / 2: r^2 q(r), with q's Chebyshev approximation. */
static inline vec NAME(exp_rest)(vec r) {
    vec q = SPLAT(0x1.1f731ea5352cap-29);
    q = q * r + 0x1.af4e196027428p-26;
    q = q * r + 0x1.27e4db57442fbp-22;
    q = q * r + 0x1.71de021a90822p-19;
    q = q * r + 0x1.a01a01a6dcaffp-16;
    q = q * r + 0x1.a01a01abef415p-13;
    q = q * r + 0x1.6c16c16c162ccp-10;
    q = q * r + 0x1.11111111100cep-7;
    q = q * r + 0x1.5555555555556p-5;
    q = q * r + 0x1.5555555555557p-3;
    q = q * r + 0.5;
    return r * r * q;
}

static inline vec NAME(v_exp)(vec x) {
    x = SELECT(LESS(x, SPLAT(-746.0)), SPLAT(-746.0), x); /* 0; nan stays */
    x = SELECT(LESS(SPLAT(710.0), x), SPLAT(710.0), x);   /* inf */
    vec k = (x * LOG2_E + ROUNDER) - ROUNDER;
    vec r = (x - k * LN2_HIGH) - k * LN2_LOW;
    vec half = (k * 0.5 + ROUNDER) - ROUNDER; /* 2^k may be beyond the range, its factors are not */
    vec z = 1.0 + (r + NAME(exp_rest)(r));
    return z * NAME(power_of_2)(half) * NAME(power_of_2)(k - half);
}

/* Return tanh(x): with e = exp(2|x|) - 1 it is e / (e + 2), with x's sign. What rounding takes from
 * the larger sums is given back; 2 / (e + 2) is 1 - tanh(x). */
static inline vec NAME(v_tanh)(vec x) {
    bits sign = BITS(x) & ((uint64_t)1 << 63);
    vec t = OF_BITS(BITS(x) ^ sign) * 2.0;
    t = SELECT(LESS(SPLAT(44.0), t), SPLAT(44.0), t); /* 1 from there on */
    vec k = (t * LOG2_E + ROUNDER) - ROUNDER;
    vec r = (t - k * LN2_HIGH) - k * LN2_LOW;
    vec scale = NAME(power_of_2)(k), whole = scale - 1.0, near = whole + scale * r;
    vec e = near + (scale * NAME(exp_rest)(r) + (scale * r - (near - whole)));
    vec sum = e + 2.0, z = e / sum;
    vec lost = SELECT(LESS(sum, SPLAT(4.0)), e - (sum - 2.0), SPLAT(0.0));
    z = z - z * (lost * 0.5 * (1.0 - z));
    return OF_BITS(BITS(z) | sign);
}

/* Return 1 / (1 + exp(-x)); of a negative x exp(x) / (1 + exp(x)), which keeps subnormal numbers. */
static inline vec NAME(v_sigmoid)(vec x) {
    vec e = NAME(v_exp)(OF_BITS(BITS(x) | ((uint64_t)1 << 63)));
    return SELECT(LESS(x, SPLAT(0.0)), e, SPLAT(1.0)) / (1.0 + e);
}

/* Return log(x): x is 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); the series is that of
 * log((1 + s) / (1 - s)) for s = f / (2 + f), as in Sun's fdlibm. */
static inline vec NAME(v_log)(vec x) {
    const uint64_t root = (uint64_t)0x3fe6a09e << 32, one = (uint64_t)0x3ff00000 << 32;
    bits small = LESS(x, SPLAT(0x1p-1022));
    vec y = SELECT(small, x * 0x1p54, x);
    bits moved = BITS(y) + (one - root);
    vec k = OF_BITS((moved >> 52) | BITS(SPLAT(0x1p52))) - (0x1p52 + 1023.0);
    k = k - SELECT(small, SPLAT(54.0), SPLAT(0.0));
    vec f = OF_BITS((moved & (((uint64_t)1 << 52) - 1)) + root) - 1.0;
    vec s = f / (f + 2.0), square = s * s, p = SPLAT(1.479819860511658591e-01);
    p = p * square + 1.531383769920937332e-01;
    p = p * square + 1.818357216161805012e-01;
    p = p * square + 2.222219843214978396e-01;
    p = p * square + 2.857142874366239149e-01;
    p = p * square + 3.999999999940941908e-01;
    p = p * square + 6.666666666666735130e-01;
    p = p * square;
    vec half = f * f * 0.5;
    vec z = k * LN2_HIGH - ((half - (s * (half + p) + k * LN2_LOW)) - f);
    z = SELECT(LESS(x, SPLAT(INFINITY)), z, x); /* inf and nan */
    z = SELECT(LESS(x, SPLAT(0.0)), SPLAT(NAN), z);
    return SELECT(EQUAL(x, SPLAT(0.0)), SPLAT(-INFINITY), z);
}

/* A function of a row of numbers: the last ones are computed like the others, in a whole vector. */
#define ROW_FUNCTION(function) \
    static void NAME(row_##function)(double *z, const double *x, ptrdiff_t n) { \
        ptrdiff_t i = 0; \
        for (; i + LANES <= n; i += LANES) NAME(store)(z + i, NAME(v_##function)(NAME(load)(x + i))); \
        if (i < n) { \
            double rest[LANES] = {0.0}; \
            memcpy(rest, x + i, (size_t)(n - i) * sizeof *x); \
            NAME(store)(rest, NAME(v_##function)(NAME(load)(rest))); \
            memcpy(z + i, rest, (size_t)(n - i) * sizeof *x); \
        } \
    }

ROW_FUNCTION(exp)
ROW_FUNCTION(log)
ROW_FUNCTION(tanh)
ROW_FUNCTION(sigmoid)
