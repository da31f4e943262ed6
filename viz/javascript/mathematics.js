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

// 1 where two numbers are equal, or both NaN.
function same(x, y) {
  return x === y || (x !== x && y !== y) ? 1 : 0;
}

// The sum of all but the first that equals y.
function sum_except(xs, y) {
  const place = xs.indexOf(y);
  return sum(xs.filter((_, i) => i !== place));
}

// exp(x - m) for x <= m, with what the difference loses in rounding put back.
function exp_difference(x, m) {
  const d = x - m, z = exp(d), b = d - x;
  return d > -800 ? z + z * (x - (d - b) - (m + b)) : z;
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

function enumerate(xs) {
  return xs.map((x, i) => [i, x]);
}

function asList(inputs) {
  return [inputs];
}

// A node's inputs as lists of one length, and the numbers after them; one that is left out is 0.
function divided(inputs, lists, numbers, required) {
  const size = floor((inputs.length - required) / lists);
  const parts = Array.from({ length: lists }, (_, i) => inputs.slice(i * size, (i + 1) * size));
  const rest = inputs.slice(lists * size);
  return [...parts, ...rest, ...Array(numbers - rest.length).fill(0)];
}
