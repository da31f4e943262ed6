"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const edges = {};  // an arrow's pieces, by its ends
for (const edge of document.querySelectorAll("#graph .edge[id^=e]")) {
  const [tail, head] = edge.id.slice(1).split("-");
  (edges[`${tail}-${head}`] ??= []).push(edge);
}
const rows = {};  // a node's texts: its value and its gradient, with the cell behind
for (const node of new Set(data.steps.map((step) => step.node))) {
  const group = $("n" + node);
  const found = { group };
  const texts = [...group.querySelectorAll("text")];
  texts.forEach((text, k) => {
    const next = texts[k + 1];
    if (next && text.textContent === "val") found.value = next;
    if (next && text.textContent === "grad") {
      found.gradient = next;
      const cell = next.previousElementSibling;
      if (cell && cell.tagName === "polygon") found.cell = cell;
    }
  });
  if (found.gradient) {
    found.final = found.gradient.textContent;
    found.length = found.gradient.getAttribute("textLength");
  }
  rows[node] = found;
}

function write(row, number) {
  row.gradient.textContent = number;
  // A sum under way may be longer than what the box was made for: it is squeezed into it.
  const fits = number.length < row.final.length;
  if (!fits && row.length) row.gradient.setAttribute("textLength", row.length);
  else row.gradient.removeAttribute("textLength");
}

function reveal(node) {  // scroll the graph, and not the page, to a node that is out of sight
  const graph = $("graph"), seen = graph.getBoundingClientRect(), box = node.getBoundingClientRect();
  const dx = box.left < seen.left || box.right > seen.right;
  const dy = box.top < seen.top || box.bottom > seen.bottom;
  if (dx) graph.scrollLeft += (box.left + box.right - seen.left - seen.right) / 2;
  if (dy) graph.scrollTop += (box.top + box.bottom - seen.top - seen.bottom) / 2;
}

let at = 0;  // steps done
let timer = 0;

function show(count, spoken = true) {
  at = Math.max(0, Math.min(data.steps.length, count));
  const step = data.steps[at - 1];
  const values = new Set(), gradients = {}, passed = new Set();
  data.steps.slice(0, at).forEach((each) => {
    if (each.kind === "value") values.add(each.node);
    else {
      gradients[each.node] = each.number;
      each.edges.forEach((ends) => passed.add(ends.join("-")));
    }
  });
  for (const [node, row] of Object.entries(rows)) {
    if (row.value && data.computed.includes(+node)) row.value.classList.toggle("unknown", !values.has(+node));
    if (row.gradient) {
      const known = node in gradients;
      row.gradient.classList.toggle("unknown", !known);
      if (row.cell) row.cell.classList.toggle("unknown", !known);
      if (known) write(row, gradients[node]);
    }
    row.group.classList.remove("now");
  }
  const current = new Set(step ? step.edges.map((ends) => ends.join("-")) : []);
  for (const [ends, pieces] of Object.entries(edges))
    for (const piece of pieces) {
      piece.classList.toggle("on", current.has(ends));
      piece.classList.toggle("ahead", !passed.has(ends));
    }
  if (step) {
    rows[step.node].group.classList.add("now");
    reveal(rows[step.node].group);
  }
  const phase = !step ? "" : step.kind === "value" ? "forward: " : "backward: ";
  $("say").textContent = step ? `Step ${at} of ${data.steps.length}, ${phase}${step.words}` : data.start;
  document.querySelectorAll("#steps button").forEach((button, k) => {
    if (k === at - 1) {
      button.setAttribute("aria-current", "step");
      if (spoken) button.scrollIntoView({ block: "nearest" });
    } else button.removeAttribute("aria-current");
  });
  $("first").disabled = $("back").disabled = at === 0;
  $("last").disabled = $("next").disabled = at === data.steps.length;
  if (at === data.steps.length) stop();
}

function stop() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "Play";
}

function play() {
  if (timer) return stop();
  if (at === data.steps.length) show(0);
  $("play").textContent = "Pause";
  timer = setInterval(() => show(at + 1), 1200);
}

data.steps.forEach((step, k) => {
  const item = document.createElement("li"), button = document.createElement("button");
  button.textContent = step.words;
  button.addEventListener("click", () => { stop(); show(k + 1); });
  item.append(button);
  $("steps").append(item);
});
const moves = {
  first: () => show(0), back: () => show(at - 1), next: () => show(at + 1),
  last: () => show(data.steps.length),
};
for (const [id, move] of Object.entries(moves))
  $(id).addEventListener("click", () => { stop(); move(); });
$("play").addEventListener("click", play);
$("fit").addEventListener("click", () => {
  const fits = $("graph").classList.toggle("fit");
  $("fit").setAttribute("aria-pressed", fits);
});
const keys = { Home: "first", ArrowLeft: "back", ArrowRight: "next", End: "last" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
  event.preventDefault();
  stop();
  moves[keys[event.key]]();
});
show(0, false);
