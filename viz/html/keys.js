// The keyboard. Left and right step everywhere but in fields; up and down go from node to node.
const stepping = { Home: "first", ArrowLeft: "back", ArrowRight: "next", End: "last" };
const panning = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const zooming = { "+": () => zoomBy(1.25), "-": () => zoomBy(0.8), 0: () => fit() };

// What up and down go through: nodes in the order of the passes, each frame before its nodes.
function stops() {
  const found = new Set();
  nodes.forEach((node, i) => {
    const path = [];
    for (let f = node.frame ?? -1; f >= 0; f = frames[f].parent) path.unshift(frames[f]);
    for (const frame of path) found.add(frame.group).add(frame.cover);
    if (cards[i].group) found.add(cards[i].group);
  });
  return [...found].filter((group) => !group.classList.contains("folded"));
}

function moveFocus(by) {
  const all = stops(), k = all.indexOf(document.activeElement);
  const next = all[k < 0 ? 0 : Math.max(0, Math.min(all.length - 1, k + by))];
  setTabStop(next);
  next.focus({ preventScroll: true });
  reveal(next);
}

// The list of steps is one stop of the Tab key, too.
function moveInList(by) {
  const k = entries.indexOf(document.activeElement) + by;
  if (!entries[k]) return;
  listStop(k);
  entries[k].focus();
}

function pressed(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  if (target.matches("input, select, textarea")) return false;
  const inGraph = graph.contains(target), vertical = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (event.shiftKey && panning[key]) {
    const [dx, dy] = panning[key];
    graph.scrollBy(60 * dx, 60 * dy);
  } else if (stepping[key]) {
    stop();
    moves[stepping[key]]();
  } else if (vertical && $("ledger").contains(target)) moveInList(vertical);
  else if (!inGraph) return false;
  else if (zooming[key]) zooming[key]();
  else if (vertical) moveFocus(vertical);
  else if ((key === "Enter" || key === " ") && target !== graph)
    target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (pressed(event)) event.preventDefault();
});
foldWhatIsMany();
beginView();
show(0);
