// The view: zoom, fit, drag, search, theme.
const graph = $("graph");
let scale = 1, fitted = true;

// Zoom so that the point of the picture under (x, y) of the window stays there.
function zoom(to, x, y) {
  const seen = graph.getBoundingClientRect();
  const dx = x === undefined ? seen.width / 2 : x - seen.left;
  const dy = y === undefined ? seen.height / 2 : y - seen.top;
  const left = (graph.scrollLeft + dx) / scale, top = (graph.scrollTop + dy) / scale;
  scale = Math.max(0.05, Math.min(8, to));
  picture.setAttribute("width", size.width * scale);
  picture.setAttribute("height", size.height * scale);
  graph.scrollLeft = left * scale - dx;
  graph.scrollTop = top * scale - dy;
}

// After folding: as large as before, or all of it, and what is chosen in sight.
function refit() {
  if (fitted) fit();
  else zoom(scale);
  reveal(cards[chosen].group ?? graph);
}

function room() {
  return Math.min((graph.clientWidth - 2) / size.width, (graph.clientHeight - 2) / size.height);
}

function fit() {
  fitted = true;
  zoom(Math.min(room(), 1.8));
}

// At first: all of the graph, unless it is too small to read then.
function beginView() {
  fit();
  if (scale >= 0.5) return;
  zoomBy(0.7 / scale);
  graph.scrollTo({ top: (graph.scrollHeight - graph.clientHeight) / 2 });
}

function zoomBy(factor, x, y) {
  fitted = false;
  zoom(scale * factor, x, y);
}

// Scroll a part of the page, and not the page, to what is out of its sight.
function bring(element, into) {
  const seen = into.getBoundingClientRect(), box = element.getBoundingClientRect();
  if (box.left < seen.left || box.right > seen.right)
    into.scrollLeft += (box.left + box.right - seen.left - seen.right) / 2;
  if (box.top < seen.top || box.bottom > seen.bottom)
    into.scrollTop += (box.top + box.bottom - seen.top - seen.bottom) / 2;
}

function reveal(element) {
  bring(element.classList.contains("folded") ? coverAround(element) : element, graph);
}

function coverAround(group) {
  const i = cards.findIndex((card) => card.group === group);
  return frames[coverOf(nodes[i].frame)].cover;
}

// Drag with a mouse; fingers scroll and pinch as everywhere.
let drag = null, dragged = false;
graph.addEventListener("pointerdown", (event) => {
  dragged = false;
  if (event.pointerType !== "mouse" || event.button) return;
  drag = { x: event.clientX + graph.scrollLeft, y: event.clientY + graph.scrollTop, from: event };
});
window.addEventListener("pointermove", (event) => {
  if (!drag) return;
  dragged ||= Math.hypot(event.clientX - drag.from.clientX, event.clientY - drag.from.clientY) > 4;
  if (!dragged) return;
  graph.classList.add("dragged");
  graph.scrollLeft = drag.x - event.clientX;
  graph.scrollTop = drag.y - event.clientY;
});
window.addEventListener("pointerup", () => {
  drag = null;
  graph.classList.remove("dragged");
});
graph.addEventListener("click", (event) => {  // the end of a drag is no click on a node
  if (dragged) event.stopPropagation();
  dragged = false;
}, true);
graph.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoomBy(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
}, { passive: false });
$("in").addEventListener("click", () => zoomBy(1.25));
$("out").addEventListener("click", () => zoomBy(0.8));
$("fit").addEventListener("click", () => fit());
new ResizeObserver(() => { if (fitted) fit(); }).observe(graph);

// Search: by name, full name, operation.
let matches = [], match = -1;

function search() {
  const wanted = $("find").value.trim().toLowerCase();
  matches = nodes.flatMap((node, i) => {
    const own = [node.name, node.full ?? "", node.op].join("\n").toLowerCase();
    return wanted && cards[i].group && own.includes(wanted) ? [i] : [];
  });
  match = -1;
  cards.forEach(({ group }, i) => group?.classList.toggle("match", matches.includes(i)));
  const count = matches.length === 1 ? "1 match" : `${matches.length} matches`;
  $("found").textContent = wanted ? count : "";
}

function nextMatch(by) {
  if (!matches.length) return;
  match = (match + by + matches.length) % matches.length;
  if (match < 0) match = matches.length - 1;
  const i = matches[match];
  uncover(i);
  choose(i);
  reveal(cards[i].group);
  $("found").textContent = `${match + 1} of ${matches.length}: ${nodes[i].full || nodes[i].name}`;
}

$("find").addEventListener("input", search);
$("find").addEventListener("keydown", (event) => {
  if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
});
$("theme").addEventListener("change", () => {
  document.documentElement.style.colorScheme = $("theme").value;
});
