/* Functions of one or two numbers that libm lacks, or computes less exactly, for all instruction sets. */

/* Those of `autograd.rules.special` and of round: the module sets them. They acquire the GIL. If one
 * raises, its exception is left set, and it says nothing more. */
static double (*blocked_lgamma)(double);
static double (*blocked_digamma)(double);
static double (*blocked_polygamma)(double, double);
static double (*blocked_round_to)(double, double);

static inline double blocked_round(double x, double digits) {
    return digits == 0.0 ? rint(x) : blocked_round_to(x, digits);
}

/* The cube root as `autograd.rules.special` has it: the library's, after one exact Newton step. */
static inline double blocked_cbrt(double x) {
    if (x == 0.0 || !isfinite(x)) return x;
    double scale = 1.0, size = fabs(x);
    if (size <= 1e-200) scale = 0x1p100;
    if (size >= 1e200) scale = 0x1p-100;
    x *= scale * scale * scale;
    double z = cbrt(x), square = z * z, cube = square * z;
    double error = (cube - x) + (fma(square, z, -cube) + fma(z, z, -square) * z);
    return (z - error / (3.0 * square)) / scale;
}

static inline double blocked_floordiv(double x, double y) {
    if (y == 0.0 || x != x || y != y) return x / y;
    double rest = fmod(x, y), z = (x - rest) / y;
    if (rest != 0.0 && (y < 0.0) != (rest < 0.0)) z -= 1.0;
    if (z == 0.0) return copysign(0.0, x / y);
    double whole = floor(z);
    return z - whole > 0.5 ? whole + 1.0 : whole;
}

static inline double blocked_mod(double x, double y) {
    if (y == 0.0) return NAN;
    double rest = fmod(x, y);
    if (rest == 0.0) return copysign(0.0, y);
    return (y < 0.0) != (rest < 0.0) ? rest + y : rest;
}
