// The numbers of the graph, as they are now, and how numbers and words are written.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const nodes = data.nodes;
for (const node of nodes) {  // JSON has no Infinity and no NaN: they came as text
  node.value = Number(node.value);
  node.partials = node.partials.map(Number);
}
const leaves = nodes.flatMap((node, i) => (node.inputs.length || node.constant ? [] : [i]));
const initial = nodes.map((node) => node.value);
const texts = data.texts && new Map(data.texts.map(([x, text]) => [Number(x), text]));

// All of both passes: values, partials, gradients, flows; at first with the numbers of Python.
let now;

function begin() {
  const partials = nodes.map((node) => node.partials);
  now = { values: [...initial], partials, changed: false, ...backward(nodes, partials) };
}

function change(leaf, number) {
  const values = [...now.values];
  values[leaf] = number;
  if (leaves.every((i) => Object.is(values[i], initial[i]))) begin();
  else now = { ...evaluate(nodes, values), changed: true };
}

// The decimals of a float are exact. Rounded to so many of them, half of the last goes to the even
// one, as in Python; toPrecision would go up. The power is that of the first figure.
function rounded(x, digits) {
  const [all, power] = Math.abs(x).toExponential(100).split("e");
  const figures = "0" + all.replace(".", "");  // a place for what is carried
  const kept = [...figures.slice(0, digits + 1)].map(Number), rest = figures.slice(digits + 1);
  const half = "5".padEnd(rest.length, "0");
  if (rest > half || (rest === half && kept.at(-1) % 2)) {
    let k = kept.length - 1;
    while (kept[k] === 9) kept[k--] = 0;
    kept[k] += 1;
  }
  return kept[0] || !digits
    ? { figures: kept.join("").slice(0, Math.max(1, digits)), power: Number(power) + 1 }
    : { figures: kept.slice(1).join(""), power: Number(power) };
}

const exponent = (power) => (power < 0 ? `e−${-power}` : `e${power}`);
const pointed = (figures, whole) =>
  figures.slice(0, whole) + (figures.length > whole ? "." + figures.slice(whole) : "");

// Python's formats of a positive number, with so many digits.
const formats = {
  g(x, digits) {
    const count = Math.max(1, digits), { figures, power } = rounded(x, count);
    const short = figures.replace(/0+$/, "") || "0";
    if (power < -4 || power >= count) return pointed(short, 1) + exponent(power);
    if (power < 0) return "0." + "0".repeat(-power - 1) + short;
    return pointed(short.padEnd(power + 1, "0"), power + 1);
  },
  e(x, digits) {
    const { figures, power } = rounded(x, digits + 1);
    return pointed(figures, 1) + exponent(power);
  },
  f(x, digits) {
    if (x >= 2 ** 53) return BigInt(x) + (digits ? "." + "0".repeat(digits) : "");
    const first = x ? Number(x.toExponential(100).split("e")[1]) : 0, count = first + 1 + digits;
    const { figures, power } = count < 0 ? { figures: "0", power: 0 } : rounded(x, count);
    const all = count > 0 || Number(figures) ? "0".repeat(Math.max(0, -power)) + figures : "0";
    return pointed(all.padEnd(Math.max(0, power) + 1 + digits, "0"), Math.max(1, power + 1));
  },
};
const written = new Map();  // most numbers are written again and again

function write(x) {
  if (texts) return texts.get(x) ?? String(x);
  const key = Object.is(x, -0) ? "-0" : x;
  if (written.size > 20000) written.clear();
  if (!written.has(key)) written.set(key, writeAnew(x));
  return written.get(key);
}

function writeAnew(x) {
  if (Number.isNaN(x)) return "nan";
  const [kind, digits] = data.format;
  const sign = x < 0 || (kind && Object.is(x, -0)) ? "−" : "";
  return sign + (Math.abs(x) === Infinity ? "inf" : formats[kind || "g"](Math.abs(x), digits));
}

// Slots, as in slots.py: what a minus sign does to a number in its place.
const modes = {
  "": (text) => text,
  "(": (text) => (/^[\p{L}\p{N}]/u.test(text) ? text : `(${text})`),
  "+": (text) => (text[0] === "−" ? ` − ${text.slice(1)}` : ` + ${text}`),
};

function filled(template, flow) {
  return template.map((part, k) => {
    if (k % 2 === 0) return part;
    const mode = part[0] === "(" || part[0] === "+" ? part[0] : "", key = part.slice(mode.length);
    return modes[mode](write(key in (flow ?? {}) ? flow[key] : now.values[key.slice(1)]));
  }).join("");
}

function told(sentences, flow) {
  return sentences
    .map((sides) => [...new Set(sides.map((side) => filled(side, flow)))].join(" = "))
    .join("; ");
}

begin();

// The steps: those forward and the seed; then those back, a flow each, said in one of few patterns.
const steps = [...data.steps, ...now.flows.map(stepBack)];
const seed = data.steps.length - 1;

function stepBack({ node, to, place }, k) {
  const local = nodes[node].local.find(([at]) => at === place)[1];
  const signs = { "{signs}": `${nodes[node].sign} * ${local}`, "{target}": nodes[to].sign };
  const signed = (part) => part.replace(/\{signs\}|\{target\}/g, (mark) => signs[mark]);
  const pattern = data.patterns[data.flowing[k]];
  const sentences = pattern.map((sides) => sides.map((side) => side.map(signed)));
  const edge = data.edges.findIndex(([a, b, c]) => a === to && b === node && c === place);
  const edges = edge < 0 ? [] : [edge];
  return { kind: "gradient", node: to, edges, sentences };
}

const flowOf = (k) => (k > seed ? now.flows[k - seed - 1] : undefined);
const words = (k) => told(steps[k].sentences, flowOf(k));
const stepOf = new Map(steps.flatMap((step, k) => (step.kind === "value" ? [[step.node, k]] : [])));
