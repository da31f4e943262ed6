// What autograd/rules/special.py has, and the error function, which JavaScript lacks.

const SPLIT = 2 ** 27 + 1;

// x * y less its rounding to a float, exactly (Dekker 1971); 0 beyond 1e150.
function product_error(x, y) {
  const z = x * y;
  if (!(1e-280 < abs(z) && abs(z) < Infinity && abs(x) < 1e150 && abs(y) < 1e150)) return 0;
  const x1 = SPLIT * x - (SPLIT * x - x), y1 = SPLIT * y - (SPLIT * y - y);
  const x2 = x - x1, y2 = y - y1;
  return x1 * y1 - z + x1 * y2 + x2 * y1 + x2 * y2;
}

// Near 0 a series whose terms have one sign (Abramowitz and Stegun, 7.1.6); the 40th is nothing.
function erf(x) {
  if (abs(x) > 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x, series = x;
  for (let n = 1; n < 40; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    series += term;
  }
  return TWO_OVER_SQRT_PI * exp(-x * x) * series;
}

// In the tail a continued fraction (Abramowitz and Stegun, 7.1.14).
function erfc(x) {
  if (x < -2) return 2 - erfc(-x);
  if (x <= 2) return 1 - erf(x);
  let below = x;
  for (let n = 100; n > 0; n--) below = x + n / 2 / below;
  return (0.5 * TWO_OVER_SQRT_PI * gaussian(x, 1)) / below;
}

// Bernoulli numbers B2, B4, ..., B20.
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510,
  43867 / 798, -174611 / 330];

const SHIFT = 15;

// The only positive root of digamma (OEIS A030169), as the sum of two floats.
const ROOT = [1.4616321449683622, 9.549995429965697e-17];

function lgamma(x) {
  if (!isFinite(x)) return abs(x);
  if (x <= 0) return reflectedLgamma(x);
  if (x >= SHIFT) return stirling(x);
  if (x < 1.5) return horner(SERIES_AT_TWO, x - 1) - (x > 0.5 ? log1p(x - 1) : log(x));
  let factors = 1;
  while (x > 2.5) factors *= x -= 1;
  return horner(SERIES_AT_TWO, x - 2) + log(factors);
}

function reflectedLgamma(x) {
  if (x === floor(x)) return Infinity;
  if (x > -1e-20) return -log(-x);
  return log(PI) - log(abs(sin(PI * (x - roundEven(x))))) - log(-x) - lgamma(-x);
}

// The asymptotic series (Abramowitz and Stegun, 6.1.41).
function stirling(x) {
  const terms = BERNOULLI.map((b, k) => b / ((2 * k + 2) * (2 * k + 1)));
  const tail = x * horner(terms, 1 / x / x);
  return x * (log(x) - 1) + (0.9189385332046728 - 0.5 * log(x) + tail);
}

// The sum of coefficients[k] * h ** (k + 1).
function horner(coefficients, h) {
  return coefficients.reduceRight((above, a) => (above + a) * h, 0);
}

function digamma(x) {
  if (x === -Infinity) return NaN;
  if (!isFinite(x)) return x;
  if (x === 0) return -1 / x;
  if (x >= SHIFT) {
    const terms = BERNOULLI.map((b, k) => b / (2 * k + 2));
    return log(x) - 0.5 / x - horner(terms, 1 / x / x);
  }
  if (x < 0) return x === floor(x) ? NaN : digamma(1 - x) - PI / tan(PI * (x - roundEven(x)));
  if (x < 1) return nearRoot(x + 1) - 1 / x;
  let shift = 0;
  while (x > 2) shift += 1 / (x -= 1);
  return nearRoot(x) + shift;
}

function nearRoot(x) {
  return horner(SERIES_AT_ROOT, x - ROOT[0] - ROOT[1]);
}

function polygamma(n, x) {
  if (!(n >= 0 && n <= 100 && n === floor(n)) || x !== x || x === -Infinity) return NaN;
  if (n === 0) return digamma(x);
  if (x === Infinity) return 0;
  if (x <= 0 && x === floor(x)) return n % 2 ? Infinity : x ? NaN : -1 / x;
  if (x > 0) return polygammaRight(n, x);
  const mirrored = polygammaRight(n, 1 - x);
  return (n % 2 ? -mirrored : mirrored) - PI ** (n + 1) * cotDerivative(n, x);
}

// Shift x up, then sum the asymptotic series; all terms have one sign, nothing cancels.
function polygammaRight(n, x) {
  const shifted = [];
  for (; x < SHIFT + n; x += 1) shifted.push(factorialOverPower(n, x) / x);
  let tail = 1 / n + 0.5 / x, ratio = 1;  // (2k + n - 1)! / (n! (2k)! x^2k)
  BERNOULLI.forEach((b, i) => {
    const k = i + 1;
    ratio *= k === 1 ? (n + 1) / 2 : ((2 * k + n - 1) * (2 * k + n - 2)) / (2 * k * (2 * k - 1));
    ratio /= x * x;
    tail += b * ratio;
  });
  const all = shifted.reduceRight((above, term) => above + term, factorialOverPower(n, x) * tail);
  return n % 2 ? all : -all;
}

function factorialOverPower(n, x) {
  let result = 1;
  for (let k = 1; k <= n; k++) result *= k / x;
  return result;
}

// The n-th derivative of cot at pi x: a polynomial in c = cot, since c' = -(1 + c²).
function cotDerivative(n, x) {
  const c = 1 / tan(PI * (x - roundEven(x)));
  let p = [0, 1];
  for (let i = 0; i < n; i++) {
    const slope = p.map((a, k) => k * a).slice(1);
    p = [...slope, 0, 0].map((a, k) => -(a + (k > 1 ? slope[k - 2] : 0)));
  }
  return p.reduceRight((above, a) => above * c + a);
}

const SERIES_AT_ROOT = Array.from({ length: 40 }, (_, k) =>
  polygammaRight(k + 1, ROOT[0]) / factorialOverPower(k + 1, 1));

// 1 - Euler's constant, then polygamma(n - 1, 2) / n!.
const SERIES_AT_TWO = Array.from({ length: 52 }, (_, k) =>
  k ? polygammaRight(k, 2) / factorialOverPower(k + 1, 1) : 0.42278433509846713);
