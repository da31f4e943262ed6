// Stepping: what is known after so many steps, which numbers arrive, and the list of all steps.
let at = 0;  // steps done
let timer = 0;
let chips = null;  // the numbers that arrive, drawn over the picture
const entries = [];  // the buttons of the list

// The gradients known after ``at`` steps: sums under way where paths meet.
function gradientsSoFar() {
  const known = new Map();
  if (at > seed) known.set(nodes.length - 1, 1);
  now.flows.slice(0, Math.max(0, at - seed - 1)).forEach(({ to, total }) => known.set(to, total));
  return known;
}

function show(count) {
  at = Math.max(0, Math.min(steps.length, count));
  refresh();
  const step = steps[at - 1];
  if (step) {
    choose(step.node);
    reveal(cards[step.node].group);
    bring(entries[at - 1], $("ledger"));
  } else choose(nodes.length - 1);
}

// Draw the present state anew: after a step, and after a change of an input.
function refresh() {
  const step = steps[at - 1], known = gradientsSoFar();
  paint(known);
  cards.forEach(({ group, value, gradient }, i) => {
    if (!group) return;
    const unknown = nodes[i].inputs.length && stepOf.get(i) >= at;
    value?.text.classList.toggle("unknown", Boolean(unknown));
    for (const part of gradient ? [gradient.text, gradient.cell] : [])
      part.classList.toggle("unknown", !known.has(i));
    group.classList.toggle("now", step?.node === i);
    group.setAttribute("aria-label", spoken(i, !unknown, known.get(i)));
  });
  const passed = new Set(steps.slice(0, at).flatMap((each, k) => (k > seed ? each.edges : [])));
  arrows.forEach(({ groups, inlet }, k) => {
    for (const part of inlet ? [...groups, inlet] : groups) {
      part.classList.toggle("on", Boolean(step?.edges.includes(k)));
      part.classList.toggle("ahead", !passed.has(k));
    }
  });
  drawChips(step);
  drawCovers();
  entries.forEach((button, k) => {
    if (painted !== now) button.textContent = words(k);
    if (k === at - 1) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  painted = now;
  listStop(Math.max(0, at - 1));
  say(step);
  $("first").disabled = $("back").disabled = at === 0;
  $("last").disabled = $("next").disabled = at === steps.length;
  if (at === steps.length) stop();
}

function listStop(stop) {
  entries.forEach((button, k) => { button.tabIndex = k === stop ? 0 : -1; });
}

function say(step) {
  const pass = step?.kind === "value" ? "forward" : "backward";
  const text = step
    ? `Step ${at} of ${steps.length}, ${pass}: ${words(at - 1)}`
    : `${steps.length} steps. Step with the buttons, or with the arrow keys.`;
  if ($("say").textContent !== text) $("say").textContent = text;
}

function spoken(i, computed, gradient) {
  const node = nodes[i], what = node.inputs.length ? node.op : node.role;
  const parts = [`${node.full || node.name}, ${what}`];
  parts.push(computed ? `value ${write(now.values[i])}` : "not computed yet");
  if (gradient !== undefined) parts.push(`gradient ${write(gradient)}`);
  return parts.join(", ");
}

// The numbers that arrive: operands going forward, products of the chain rule coming back.
function drawChips(step) {
  chips?.remove();
  chips = made("g", { class: "chips", "aria-hidden": "true" });
  layer.append(chips);
  const taken = [];
  for (const k of step?.edges ?? []) {
    const { tail, groups } = arrows[k];
    if (groups[0].classList.contains("folded")) continue;
    const back = step.kind === "gradient";
    const number = back ? flowOf(at - 1).product : now.values[tail];
    const line = (back ? groups[0] : groups.at(-1)).querySelector("path");
    const text = write(number), width = 6.6 * text.length + 8;
    const { x, y } = freePlace(line.getPointAtLength(line.getTotalLength() / 2), width, taken);
    const chip = made("g", { class: "chip", transform: `translate(${x} ${y})` });
    chip.dataset.edge = k;
    chip.append(
      made("rect", { x: -width / 2, y: -8, width, height: 16, rx: 8 }),
      made("text", { y: 4, "font-size": 11, "text-anchor": "middle" }, text),
    );
    chips.append(chip);
  }
}

// Below the middle of the line; lower where another number stands already.
function freePlace({ x, y }, width, taken) {
  const meets = (other) =>
    Math.abs(other.y - y) < 17 && Math.abs(other.x - x) < (other.width + width) / 2;
  y += 10;
  while (taken.some(meets)) y += 17;
  taken.push({ x, y, width });
  return { x, y };
}

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "Play";
}

function play() {
  if (timer) return stop();
  if (at === steps.length) show(0);
  $("play").textContent = "Pause";
  timer = setInterval(() => show(at + 1), 1200);
}

steps.forEach((step, k) => {
  const item = document.createElement("li"), button = document.createElement("button");
  button.addEventListener("click", () => { stop(); show(k + 1); });
  item.append(button);
  $(step.kind === "value" ? "forward" : "backward").append(item);
  entries.push(button);
});
$("backward").start = seed + 1;
const moves = {
  first: () => show(0),
  back: () => show(at - 1),
  next: () => show(at + 1),
  last: () => show(steps.length),
};
for (const [id, move] of Object.entries(moves))
  $(id).addEventListener("click", () => { stop(); move(); });
$("play").addEventListener("click", play);
