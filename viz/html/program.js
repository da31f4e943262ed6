"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const lines = [...document.querySelectorAll("#program button")];
const nodes = data.nodes.map((node) => ({ ...node, group: $(node.key) }));
const picture = document.querySelector("#graph svg");
let pinned = null;  // what a click holds on to: { home, node }

function reveal(box, region) {  // scroll a region, and not the page, to what is out of sight
  const seen = region.getBoundingClientRect(), at = box.getBoundingClientRect();
  if (at.left < seen.left || at.right > seen.right)
    region.scrollLeft += (at.left + at.right - seen.left - seen.right) / 2;
  if (at.top < seen.top || at.bottom > seen.bottom)
    region.scrollTop += (at.top + at.bottom - seen.top - seen.bottom) / 2;
}

function show(what, from) {  // mark a line and its nodes; null marks nothing
  const home = what ? what.home : null;
  picture.classList.toggle("some", home !== null);
  for (const node of nodes) {
    node.group.classList.toggle("on", node.home === home);
    node.group.classList.toggle("now", !!what && what.node === node);
  }
  for (const line of lines) line.classList.toggle("on", +line.dataset.home === home);
  $("say").textContent = !what ? data.start : what.node ? what.node.says : data.homes[home];
  if (!what || !from) return;
  const first = nodes.find((node) => node.home === home);
  const line = lines.find((each) => +each.dataset.home === home);
  if (from === "line" && first) reveal(first.group, $("graph"));
  if (from === "node" && line) reveal(line, $("program"));
}

function same(one, other) { return one && other && one.home === other.home && one.node === other.node; }

function pin(what, from) {
  pinned = same(pinned, what) ? null : what;
  for (const line of lines)
    line.setAttribute("aria-pressed", !!pinned && !pinned.node && +line.dataset.home === pinned.home);
  for (const node of nodes) node.group.setAttribute("aria-pressed", !!pinned && pinned.node === node);
  show(pinned || what, from);
}

function listen(element, what, from) {
  element.addEventListener("pointerenter", () => show(what, from));
  element.addEventListener("pointerleave", () => show(pinned));
  element.addEventListener("focus", () => show(what, from));
  element.addEventListener("blur", () => show(pinned));
  element.addEventListener("click", () => pin(what, from));
}

for (const line of lines) listen(line, { home: +line.dataset.home, node: null }, "line");

function enter(k) {  // one node at a time can be reached by the Tab key; arrows go to the others
  nodes.forEach((node, j) => node.group.setAttribute("tabindex", j === k ? 0 : -1));
}

nodes.forEach((node, k) => {
  const group = node.group, what = { home: node.home, node };
  group.setAttribute("role", "button");
  group.setAttribute("aria-label", node.says);
  group.setAttribute("aria-pressed", false);
  listen(group, what, "node");
  group.addEventListener("keydown", (event) => {
    const last = nodes.length - 1;
    const to = { ArrowRight: k + 1, ArrowDown: k + 1, ArrowLeft: k - 1, ArrowUp: k - 1, Home: 0, End: last };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") pin(what, "node");
    else if (event.key in to) {
      const next = Math.max(0, Math.min(last, to[event.key]));
      enter(next);
      nodes[next].group.focus({ preventScroll: true });
      reveal(nodes[next].group, $("graph"));
    } else return;
    event.preventDefault();
  });
  group.addEventListener("focus", () => enter(k));
});
if (nodes.length) enter(0);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (pinned) pin(pinned);
  show(null);
});
$("fit").addEventListener("click", () => $("fit").setAttribute("aria-pressed", $("graph").classList.toggle("fit")));
show(null);
