/* Sums, differences, products and negations, in two ways.
 *
 * In a large program, operations that alternate at random mispredict a branch at each step, which
 * costs 6 ns, more than the step itself. There the loops are branchless: both the sum and the product
 * are computed, and masks select one. A row has the masks of one variant, and of one combination of
 * operands whose gradients are wanted.
 *
 * A small program that is called again and again has its branches predicted. There each row has a
 * branch of its own, and the previous result stays in a register if it is an operand. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    short code;
    unsigned char row;  /* 4 * variant + live; NO_ROW for other operations */
    unsigned char live; /* bit 0: the gradient of x is wanted; bit 1: of y; bit 2: PREVIOUS */
    int z, x, y;
} Step;

typedef struct {
    uint64_t flip_x, keep_y, flip_y, product; /* forward: (+-x + +-y) or x * y */
    uint64_t y_in_dx, x_in_dy;                /* backward: dx = y or a constant */
    double dx, dy;                            /* the constants; 0 where the mask is set */
} Row;

enum { ADD, SUB, BUS, MUL, NEG, VARIANTS }; /* BUS is SUB with the operands in the other order */
enum { PREVIOUS = 4 }; /* x is the result of the previous step; rows of such steps are the second half */
enum { NO_ROW = 8 * VARIANTS };

static Row ROWS[NO_ROW];

static inline uint64_t bits_of(double x) { uint64_t bits; memcpy(&bits, &x, 8); return bits; }
static inline double of_bits(uint64_t bits) { double x; memcpy(&x, &bits, 8); return x; }

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
typedef __m128d number; /* stays in a vector register: a move to another costs 3 cycles */
#define MASK(m) _mm_castsi128_pd(_mm_loadl_epi64((const __m128i*)&(m)))
#define LOAD(at) _mm_load_sd(at)
#define STORE(at, x) _mm_store_sd(at, x)
#define VALUE(x) _mm_cvtsd_f64(x)
#define TIMES(x, y) _mm_mul_sd(x, y)
#define PLUS(x, y) _mm_add_sd(x, y)
#define AND(x, m) _mm_and_pd(x, MASK(m))
#define XOR(x, m) _mm_xor_pd(x, MASK(m))
#define OR(x, at) _mm_or_pd(x, LOAD(at))
#define CHOOSE(m, x, y) _mm_or_pd(_mm_and_pd(MASK(m), x), _mm_andnot_pd(MASK(m), y))
#else
typedef double number;
#define LOAD(at) (*(at))
#define STORE(at, x) (*(at) = (x))
#define VALUE(x) (x)
#define TIMES(x, y) ((x) * (y))
#define PLUS(x, y) ((x) + (y))
#define AND(x, m) of_bits(bits_of(x) & (m))
#define XOR(x, m) of_bits(bits_of(x) ^ (m))
#define OR(x, at) of_bits(bits_of(x) | bits_of(*(at)))
#define CHOOSE(m, x, y) of_bits((bits_of(x) & (m)) | (bits_of(y) & ~(m)))
#endif

static void write_rows(void) {
    const uint64_t sign = 1ULL << 63, all = ~0ULL;
    for (int n = 0; n < 2 * VARIANTS; n++) {
        for (int variant = n % VARIANTS, live = 0; live < 4; live++) {
            Row* row = &ROWS[4 * n + live];
            int product = variant == MUL, x_live = live & 1, y_live = live & 2 && variant != NEG;
            row->flip_x = variant == BUS || variant == NEG ? sign : 0;
            row->flip_y = variant == SUB || variant == NEG ? sign : 0;
            row->keep_y = variant == NEG ? 0 : all; /* -x is -x + -0.0, for zeros too */
            row->product = product ? all : 0;
            row->y_in_dx = product && x_live ? all : 0;
            row->x_in_dy = product && y_live ? all : 0;
            row->dx = product || !x_live ? 0.0 : row->flip_x ? -1.0 : 1.0;
            row->dy = product || !y_live ? 0.0 : row->flip_y ? -1.0 : 1.0;
        }
    }
}

static inline number compute(const Row* row, number x, number y) {
    number sum = PLUS(XOR(x, row->flip_x), XOR(AND(y, row->keep_y), row->flip_y));
    number product = TIMES(x, y);
    return CHOOSE(row->product, product, sum);
}

/* Return the cotangent of x, and store that of y. Nothing flows if g or the derivative is 0: a
 * finite product is 0 anyway, and others are set to 0. */
static inline double flow_back(const Step* step, double g, const double* numbers, double* to_y) {
    const Row* row = &ROWS[step->row];
    double dx = VALUE(OR(AND(LOAD(numbers + step->y), row->y_in_dx), &row->dx));
    double dy = VALUE(OR(AND(LOAD(numbers + step->x), row->x_in_dy), &row->dy));
    double flow_x = g * dx, flow_y = g * dy;
    if (isunordered(flow_x, flow_y)) {
        if (g == 0.0 || dx == 0.0) flow_x = 0.0;
        if (g == 0.0 || dy == 0.0) flow_y = 0.0;
    }
    *to_y = flow_y;
    return flow_x;
}

/* Multiply a subnormal number, k * 2^-1074 for an integer k. Gradients that shrink along a chain end
 * in such numbers, and the processor takes 45 ns for each product; here k * d is rounded instead. */
static double subnormal_times(double g, double d) {
    const double whole = 4503599627370496.0; /* 2^52: from here on all doubles are integers */
    uint64_t bits = bits_of(g), sign = (bits ^ bits_of(d)) & 1ULL << 63;
    double k = (double)(int64_t)(bits & ~(1ULL << 63)), product = k * fabs(d), rounded;
    if (!(product < whole)) return g * d;
    rounded = product + whole - whole; /* half to even */
    if (fabs(product - rounded) == 0.5) { /* a tie, perhaps only because k * d was rounded */
        double rest = fma(k, fabs(d), -product);
        if (rest != 0.0) rounded = product + (rest > 0.0 ? 0.5 : -0.5);
    }
    return of_bits((uint64_t)(int64_t)rounded | sign);
}

static double subnormal_flow_back(const Step* step, double g, const double* numbers, double* to_y) {
    const Row* row = &ROWS[step->row];
    double dx = row->y_in_dx ? numbers[step->y] : row->dx;
    double dy = row->x_in_dy ? numbers[step->x] : row->dy;
    if (g != g) return flow_back(step, g, numbers, to_y);
    *to_y = g == 0.0 || dy == 0.0 ? 0.0 : subnormal_times(g, dy);
    return g == 0.0 || dx == 0.0 ? 0.0 : subnormal_times(g, dx);
}

static inline double chain_flow_back(
    const Step* step, double g, const double* numbers, double* to_y
) {
    if (fabs(g) >= DBL_MIN) return flow_back(step, g, numbers, to_y);
    return subnormal_flow_back(step, g, numbers, to_y);
}

static inline void run_one(const Step* step, double* numbers) {
    number x = LOAD(numbers + step->x), y = LOAD(numbers + step->y);
    STORE(numbers + step->z, compute(&ROWS[step->row], x, y));
}

static inline void reverse_one(const Step* step, const double* numbers, double* grads) {
    double flow_y, flow_x = flow_back(step, grads[step->z], numbers, &flow_y);
    grads[step->x] += flow_x;
    grads[step->y] += flow_y;
}

static void run_free(const Step* step, const Step* end, double* numbers) {
    for (; step < end; step++) run_one(step, numbers);
}

static void reverse_free(const Step* begin, const Step* step, const double* numbers, double* grads) {
    while (step-- > begin) reverse_one(step, numbers, grads);
}

/* Run arithmetic up to another operation, and return its step; z is the previous result. */
static const Step* run_predicted(
    const Step* step, const Step* end, double* numbers, double* previous
) {
    double z = *previous;
    for (; step < end; step++) {
        const double* x = numbers + step->x;
        const double* y = numbers + step->y;
        switch (step->row >> 2) {
        case ADD: z = *x + *y; break;
        case SUB: z = *x - *y; break;
        case MUL: z = *x * *y; break;
        case NEG: z = -*x; break;
        case VARIANTS + ADD: z = z + *y; break;
        case VARIANTS + SUB: z = z - *y; break;
        case VARIANTS + BUS: z = *y - z; break;
        case VARIANTS + MUL: z = z * *y; break;
        case VARIANTS + NEG: z = -z; break;
        default: goto done;
        }
        numbers[step->z] = z;
    }
done:
    *previous = z;
    return step;
}

#define REVERSE(variant, live, is_previous)                                                 \
    case 4 * (variant + (is_previous ? VARIANTS : 0)) + live: {                             \
        double dx = variant == MUL ? *y : variant == BUS || variant == NEG ? -1.0 : 1.0;    \
        double dy = variant == MUL ? *x : variant == SUB ? -1.0 : 1.0;                      \
        if (live & 1 && dx != 0.0) {                                                        \
            if (is_previous) flow = g * dx; else grads[step->x] += g * dx;                  \
        }                                                                                   \
        if (live & 2 && dy != 0.0) grads[step->y] += g * dy;                                \
        break;                                                                              \
    }
#define REVERSE_EACH(variant, is_previous)                                                  \
    REVERSE(variant, 1, is_previous)                                                        \
    REVERSE(variant, 2, is_previous)                                                        \
    REVERSE(variant, 3, is_previous)

/* Propagate gradients through arithmetic, from the step before this one down to another operation,
 * and return the last one done; *flow is what flows to the result of the step before. */
static const Step* reverse_predicted(
    const Step* begin, const Step* step, const double* numbers, double* grads, double* flow_back
) {
    double flow = *flow_back;
    while (step > begin && step[-1].row < NO_ROW) {
        step--;
        const double* x = numbers + step->x;
        const double* y = numbers + step->y;
        double g = grads[step->z] + flow;
        grads[step->z] = g;
        flow = 0.0;
        if (g == 0.0) continue;
        switch (step->row) {
        REVERSE_EACH(ADD, 0)
        REVERSE_EACH(SUB, 0)
        REVERSE_EACH(MUL, 0)
        REVERSE(NEG, 1, 0)
        REVERSE_EACH(ADD, 1)
        REVERSE_EACH(SUB, 1)
        REVERSE_EACH(BUS, 1)
        REVERSE_EACH(MUL, 1)
        REVERSE(NEG, 1, 1)
        }
    }
    *flow_back = flow;
    return step;
}

/* In a linked run each x is the previous z, which stays in a register: a load from memory takes 5
 * cycles, during which a long chain has no other work. */

static void run_linked(const Step* step, const Step* end, double* numbers) {
    number z = LOAD(numbers + step->x);
    for (; step < end; step++) {
        z = compute(&ROWS[step->row], z, LOAD(numbers + step->y));
        STORE(numbers + step->z, z);
    }
}

static void reverse_linked(
    const Step* begin, const Step* step, const double* numbers, double* grads
) {
    double flow_x = 0.0, flow_y;
    while (step-- > begin) {
        double g = grads[step->z] + flow_x;
        grads[step->z] = g;
        flow_x = chain_flow_back(step, g, numbers, &flow_y);
        grads[step->y] += flow_y;
    }
    grads[begin->x] += flow_x;
}
