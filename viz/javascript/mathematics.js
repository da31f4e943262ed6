const { PI, abs, acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, ceil, cos, cosh, exp, expm1,
  floor, hypot, log, log10, log1p, log2, sin, sinh, sqrt, tan, tanh, trunc } = Math;

function div(x, y) {
  return x / y;
}

// As IEEE 754 has it: 1 to any power is 1, and so is -1 to an infinite one; JavaScript says NaN.
function pow(x, y) {
  return x === 1 || (x === -1 && abs(y) === Infinity) ? 1 : x ** y;
}

// As Python rounds x // y: the remainder, which is exact, is taken off first.
function floordiv(x, y) {
  if (y === 0) return x / y;
  let rest = x % y, whole = (x - rest) / y;
  if (rest && rest < 0 !== y < 0) whole -= 1;
  if (whole === 0) return x / y < 0 ? -0 : 0 * (x / y);
  const down = floor(whole);
  return whole - down > 0.5 ? down + 1 : down;
}

function mod(x, y) {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

function sign(x) {
  return x > 0 ? 1 : x < 0 ? -1 : x === x ? 0 : NaN;
}

// Half to even, to so many decimal digits: exact, as a fraction of whole numbers.
function round(x, digits = 0) {
  if (digits !== digits) return NaN;
  if (x === 0 || !isFinite(x) || !(digits < 324 && digits > -Infinity)) return x;
  const places = trunc(digits);
  if (places < -308) return 0 * x;
  let top = abs(x), halvings = 0;
  for (; top !== floor(top); top *= 2) halvings += 1;
  const up = BigInt(top) * 10n ** BigInt(places > 0 ? places : 0);
  const down = 2n ** BigInt(halvings) * 10n ** BigInt(places < 0 ? -places : 0);
  let whole = up / down;
  const beyond = 2n * (up % down) - down;
  if (beyond > 0n || (beyond === 0n && whole % 2n === 1n)) whole += 1n;
  return (x < 0 ? -1 : 1) * Number(`${whole}e${-places}`);
}

function roundEven(x) {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 ? near - 1 : near;
}

function sum(xs) {
  return xs.reduce((before, x) => before + x, 0);
}

function prod(xs) {
  return xs.reduce((before, x) => before * x, 1);
}

// NaN if any is NaN.
function max(xs) {
  return xs.reduce((best, x) => (x <= best || best !== best ? best : x));
}

function min(xs) {
  return -max(xs.map((x) => -x));
}

function norm(xs) {
  return hypot(...xs);
}

// Each x that equals z has an equal share of 1 (for NaN: each NaN).
function shares(xs, z) {
  const hits = xs.map((x) => x === z || (x !== x && z !== z));
  const share = 1 / hits.filter((hit) => hit).length;
  return hits.map((hit) => (hit ? share : 0));
}

function softmax(xs) {
  const m = max(xs);
  if (m === Infinity) return shares(xs, m);  // the limit: all weight on the infinite ones
  const parts = xs.map((x) => exp(x - m)), whole = sum(parts);
  return parts.map((part) => part / whole);
}

function logsumexp(xs) {
  const m = max(xs);
  return abs(m) === Infinity ? m : m + log1p(rest(xs, m));
}

function cross_entropy(xs, k) {
  const m = max(xs);
  if (m === Infinity) return log(1 / at(shares(xs, m), k));
  return m - at(xs, k) + log1p(rest(xs, m));
}

// The sum of exp(x - m) over all but one largest.
function rest(xs, m) {
  const one = xs.indexOf(m);
  return sum(xs.filter((_, i) => i !== one).map((x) => exp(x - m)));
}

// For each x the product of all the others, without a division.
function others(xs) {
  const found = [1];
  for (const x of xs.slice(0, -1)) found.push(found.at(-1) * x);
  let after = 1;
  for (let i = xs.length - 1; i >= 0; i--) {
    found[i] *= after;
    after *= xs[i];
  }
  return found;
}

// (i == k) - p_i for probabilities p; 1 - p_k is summed from the others, so it is exact.
function complements(ps, k) {
  return ps.map((p, i) => (i === trunc(k) ? sum(ps.filter((_, j) => j !== i)) : -p));
}

function at(xs, k) {
  return xs.at(k) ?? NaN;
}

function int(x) {
  return trunc(x);
}

function len(xs) {
  return xs.length;
}

function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}

function zip(xs, ys) {
  return xs.slice(0, ys.length).map((x, i) => [x, ys[i]]);
}

function asList(inputs) {
  return [inputs];
}

function asListAndPlace(inputs) {
  return [inputs.slice(0, -1), inputs.at(-1)];
}

function asPairsAndBias(inputs) {
  const half = inputs.length >> 1;
  return [inputs.slice(0, half), inputs.slice(half, 2 * half), inputs.length % 2 ? inputs.at(-1) : 0];
}
