/* The blocked executor: records over rows of samples, run by one interpreter.
 *
 * Its loops are compiled for several instruction sets of one processor family; `blocked_level` says
 * which of them the processor has. Each has the same order of every sum for equal rows, whatever
 * their place; another instruction set adds up other lanes. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t blocked_bits(double x) { uint64_t z; memcpy(&z, &x, 8); return z; }
static inline double blocked_of_bits(uint64_t x) { double z; memcpy(&z, &x, 8); return z; }

#if defined(__GNUC__) && !defined(__clang__)
#define IVDEP _Pragma("GCC ivdep") /* an operand may be the result itself, but not moved */
#else
#define IVDEP
#endif

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE __builtin_shufflevector
#endif
#endif

#include "blocked_functions.h"

#define JOIN_(x, y) x##_##y
#define JOIN(x, y) JOIN_(x, y)
#define NAME(x) JOIN(x, LEVEL)

/* Copy up to eight rows, of which eight next to each other in memory are a cache line. */
static void blocked_load_rows(
    double *z, const char *x, ptrdiff_t rows, ptrdiff_t stride, ptrdiff_t step, ptrdiff_t samples,
    ptrdiff_t count
) {
    if (step == sizeof *z) {
        for (ptrdiff_t k = 0; k < rows; k++)
            memcpy(z + k * samples, x + k * stride, (size_t)count * sizeof *z);
    } else if (rows == 8 && stride == sizeof *z) {
        for (ptrdiff_t i = 0; i < count; i++) {
            double line[8];
            memcpy(line, x + i * step, sizeof line);
            for (ptrdiff_t k = 0; k < 8; k++) z[k * samples + i] = line[k];
        }
    } else {
        for (ptrdiff_t k = 0; k < rows; k++)
            for (ptrdiff_t i = 0; i < count; i++)
                memcpy(z + k * samples + i, x + k * stride + i * step, sizeof *z);
    }
    for (ptrdiff_t k = 0; k < rows; k++)
        for (ptrdiff_t i = count; i < samples; i++) z[k * samples + i] = z[k * samples + count - 1];
}

/* Copy a block's samples of an array to rows, or all of an array without samples (dims axes, and
 * one sample); strides count bytes. Lanes without a sample get the last one again. */
static void blocked_load(
    double *z, const char *x, ptrdiff_t dims, const ptrdiff_t *shape, const ptrdiff_t *strides,
    ptrdiff_t samples, ptrdiff_t first, ptrdiff_t count
) {
    const ptrdiff_t step = samples > 1 ? strides[dims] : 0;
    ptrdiff_t at[64] = {0}; /* NumPy has fewer axes */
    ptrdiff_t last = dims ? shape[dims - 1] : 1, stride = dims ? strides[dims - 1] : 0;
    for (ptrdiff_t axis = 0; axis < dims; axis++)
        if (!shape[axis]) return;
    x += first * step;
    for (;;) {
        if (samples == 1 && stride == sizeof *z) {
            memcpy(z, x, (size_t)last * sizeof *z);
        } else {
            for (ptrdiff_t row = 0; row < last; row += 8) {
                blocked_load_rows(
                    z + row * samples, x + row * stride, last - row < 8 ? last - row : 8, stride,
                    step, samples, count
                );
            }
        }
        z += last * samples;
        ptrdiff_t axis = dims - 2;
        for (; axis >= 0; axis--) {
            x += strides[axis];
            if (++at[axis] < shape[axis]) break;
            x -= strides[axis] * shape[axis];
            at[axis] = 0;
        }
        if (axis < 0) return;
    }
}

/* Copy numbers; return whether all are finite. An exponent of ones, plus one, is the highest bit. */
static int blocked_copy(double *z, const double *x, ptrdiff_t count) {
    const uint64_t exponent = (uint64_t)0x7ff << 52, one = (uint64_t)1 << 52;
    uint64_t found = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        z[i] = x[i];
        found |= (blocked_bits(x[i]) & exponent) + one;
    }
    return !(found >> 63);
}

/* Put away what a chunk of samples has added up, or add it to what is there, and begin anew. */
static void blocked_put_away(double *z, double *x, ptrdiff_t count, int is_first) {
    if (is_first) {
        memcpy(z, x, (size_t)count * sizeof *z);
        memset(x, 0, (size_t)count * sizeof *x);
    } else {
        for (ptrdiff_t i = 0; i < count; i++) {
            z[i] += x[i];
            x[i] = 0.0;
        }
    }
}

static void blocked_add(double *restrict z, const double *restrict x, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) z[i] += x[i];
}

/* Copy rows of a block to an array of rows of all samples; return whether all are finite. */
static int blocked_store(
    double *z, const double *x, ptrdiff_t rows, ptrdiff_t samples, ptrdiff_t first, ptrdiff_t count,
    ptrdiff_t total
) {
    int finite = 1;
    for (ptrdiff_t row = 0; row < rows; row++)
        finite &= blocked_copy(z + row * total + first, x + row * samples, count);
    return finite;
}

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define BLOCKED_LEVELS 3

#define LEVEL v2
#define LANES 2
#include "blocked_level.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2")
#define LEVEL v3
#define LANES 4
#include "blocked_level.h"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2,avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")
#define LEVEL v4
#define LANES 8
#include "blocked_level.h"
#pragma GCC pop_options

static const BlockedLevel BLOCKED[] = {
    {"x86-64-v2", run_v2, FUNCTIONS_v2},
    {"x86-64-v3", run_v3, FUNCTIONS_v3},
    {"x86-64-v4", run_v4, FUNCTIONS_v4},
};

/* Return the index of the best level that the processor has. */
static int blocked_best(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
    if (!__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")) return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq")) return 1;
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") ? 2 : 1;
}
#else
#define BLOCKED_LEVELS 1
#define LEVEL base
#if defined(__GNUC__)
#define LANES 2
#else
#define LANES 1
#endif
#include "blocked_level.h"

static const BlockedLevel BLOCKED[] = {{"plain C", run_base, FUNCTIONS_base}};

static int blocked_best(void) { return 0; }
#endif

/* Estimate the nanoseconds that records take; 0 if Python computes some of it, whose lock would make
 * threads wait for each other. */
static double blocked_work(const int64_t *code, const int64_t *end) {
    double work = 0.0;
    for (; code < end; code += code[1]) {
        const int64_t dims = code[3];
        const int64_t operands = OPERANDS[code[0]] ? OPERANDS[code[0]] : 1 + ARITIES[code[2]];
        const int64_t *p = code + 5 + dims + operands * (2 + dims); /* tables begin with lengths */
        double points = (double)code[4], each = 0.5;
        for (int64_t axis = 0; axis < dims; axis++) points *= (double)code[5 + axis];
        switch (code[0]) {
        case ELEMENTWISE:
            each = COSTS[code[2]];
            if (each == 0.0) return 0.0;
            break;
        case REDUCTION: case SUM_SAMPLES: case DOT_ROWS: each = 0.1 * (double)p[0]; break;
        case MULTIPLY: each = 0.05 * (double)p[0] * (double)p[1]; break;
        case MULTIPLY_SAMPLES: each = 0.05 * (double)p[0] * (double)p[1] * (double)p[2]; break;
        }
        work += 10.0 + points * each;
    }
    return work;
}
