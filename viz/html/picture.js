// The picture: its parts by their numbers, and the painting of numbers and colours into them.
const SVG = "http://www.w3.org/2000/svg";
const picture = document.querySelector("#graph svg"), layer = $("graph0"), style = data.style;
const COLUMN = 7.2;  // points: a column of 12-point text

function made(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// A number in a card: its text, set to the right edge of the cell behind it.
function figure(text) {
  const cell = text.previousElementSibling;
  const box = cell.getBBox(), right = box.x + box.width - 4;
  text.setAttribute("text-anchor", "end");
  text.setAttribute("x", right);
  return { text, cell, columns: Math.floor((box.width - 8) / COLUMN) };
}

const cards = nodes.map((node, i) => {
  const group = $("n" + i), found = { group };
  for (const text of group?.querySelectorAll("text") ?? []) {
    const next = text.nextElementSibling?.nextElementSibling;  // a cell is between
    if (next?.tagName !== "text") continue;
    if (text.textContent === "val") found.value = figure(next);
    if (text.textContent === "grad") found.gradient = figure(next);
  }
  return found;
});

// An arrow's parts: one or two lines, a head, the point between two lines, and its label.
const arrows = data.edges.map(([tail, head, place], k) => {
  const groups = [$(`e${k}a`), $("e" + k)].filter(Boolean);
  const inlet = $(`n${head}_${k}p`);
  const label = groups.at(-1).querySelector("text");
  if (label) {
    const { x, width } = label.getBBox();
    label.setAttribute("text-anchor", "middle");
    label.setAttribute("x", x + width / 2);
  }
  return { tail, head, place, groups, inlet, label, light: Boolean(nodes[tail].constant) };
});

function put(figure, number, fill) {
  const { text, cell, columns } = figure, written = write(number), bad = !Number.isFinite(number);
  if (figure.written === written && figure.fill === fill) return;
  Object.assign(figure, { written, fill });
  text.textContent = written;
  // A number longer than its box was made for is squeezed into it.
  text.setAttribute("textLength", COLUMN * Math.min(written.length, columns));
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  text.setAttribute("fill", bad ? style.alarm : style.ink);
  text.setAttribute("font-weight", bad ? "bold" : "normal");
  cell.setAttribute("fill", bad ? style.alarmFill : fill);
}

// The step of a gradient on the scale of colours, as in colours.py.
function shade(x, largest) {
  if (!largest || Number.isNaN(x)) return 0;
  const share = Math.min(Math.abs(x) / largest, 1);
  return Math.sign(x) * style.shares.filter((bound) => share >= bound).length;
}

// The largest gradient; the result's own is 1 by definition, so it waits.
function largestGradient() {
  const sizes = now.gradients.map((g) => (Number.isFinite(g) ? Math.abs(g) : 0));
  return Math.max(0, ...sizes.slice(0, -1)) || sizes.at(-1);
}

function paintArrows(largest) {
  const flowing = new Map(now.flows.map((flow) => [`${flow.node} ${flow.place}`, flow]));
  for (const { head, place, groups, inlet, label, light } of arrows) {
    if (light) continue;
    const { product, local } = flowing.get(`${head} ${place}`);
    const step = Number.isFinite(product) ? shade(product, largest) : 4;
    const colour = style.flows[step + 3], width = style.widths[Math.abs(step)];
    for (const line of groups.flatMap((group) => [...group.querySelectorAll("path, polygon")])) {
      line.setAttribute("stroke", colour);
      line.setAttribute("stroke-width", width);
      if (line.tagName === "polygon") line.setAttribute("fill", colour);
    }
    inlet?.querySelector("polygon")?.setAttribute("fill", colour);
    if (!label) continue;
    const text = `×${write(local)}`;
    label.textContent = text;
    label.setAttribute("textLength", 6 * text.length);
    label.setAttribute("fill", step === 4 ? style.alarm : style.muted);
  }
}

let painted = null;  // the numbers that arrows and the list of steps show

// Paint the numbers known after so many steps: ``known`` has the gradients, sums under way too.
function paint(known) {
  const largest = largestGradient();
  cards.forEach(({ value, gradient }, i) => {
    if (value) put(value, now.values[i], style.card);
    const number = known.get(i) ?? now.gradients[i];
    if (gradient) put(gradient, number, style.gradients[shade(number, largest) + 3]);
  });
  if (painted !== now) paintArrows(largest);
}
