// Squeezing: where frames are folded, the picture gets smaller. Nothing is laid out anew: x and y
// are mapped by two rising functions of pieces of straight line, so that order stays, and nothing
// comes to overlap. They are as steep as before (1) wherever a visible box is, flatter elsewhere.
const GAP = 36, LEAST = 10, COVER = { width: 176, height: 84 };  // points, as all here
const all = (groups, what) => groups.flatMap((group) => [...group.querySelectorAll(what)]);
const drawn = {
  cards: cards.map(({ group }) => group?.getBBox()),
  lines: arrows.map(({ groups, inlet, label }) => ({
    paths: all(groups, "path").map((path) => ({ path, d: path.getAttribute("d") })),
    parts: [...all(groups, "polygon, text"), inlet].filter(Boolean)
      .map((part) => ({ part, box: part.getBBox() })),
    label: label?.getBBox(),
  })),
  frames: data.frames.map(({ id }) => {
    const polygon = $(id).querySelector("polygon"), title = $(id).querySelector("text");
    return { polygon, box: polygon.getBBox(), title, titleBox: title.getBBox() };
  }),
  ground: document.querySelector("#graph .background"),
};
const whole = { width: picture.viewBox.baseVal.width, height: picture.viewBox.baseVal.height };
const origin = layer.transform.baseVal.consolidate().matrix;  // Graphviz's zero: its y runs upwards
const size = { ...whole };

// Map one axis from ``start`` on: ``kept`` intervals keep their length, ``covers`` some of it.
function squeezed(start, end, kept, covers) {
  const cuts = [...new Set([start, end, ...kept.flat(), ...covers.flatMap(([a, b]) => [a, b])])]
    .filter((x) => x >= start && x <= end).sort((a, b) => a - b);
  const to = [start];
  for (let k = 1; k < cuts.length; k++) {
    const [a, b] = [cuts[k - 1], cuts[k]], over = ([from, until]) => from < b && until > a;
    let slope = Math.min(1, GAP / (b - a));
    const above = covers.filter(over);
    if (kept.some(over)) slope = 1;
    else if (above.length)
      slope = Math.max(Math.min(1, LEAST / (b - a)),
        ...above.map(([from, until, least]) => Math.min(1, least / (until - from))));
    to.push(to[k - 1] + slope * (b - a));
  }
  return (x) => {
    let low = 0, high = cuts.length - 1;
    if (x <= start) return x;
    if (x >= end) return to[high] + x - end;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (cuts[middle] <= x) low = middle;
      else high = middle;
    }
    return to[low] + (x - cuts[low]) * (to[high] - to[low]) / (cuts[high] - cuts[low]);
  };
}

const same = { x: (x) => x, y: (y) => y };
let map = same;

// The maps for what is visible now: indices of cards and arrows, frames that are open or covers.
function mapsFor(visible) {
  if (!visible.covers.length) return same;
  const boxes = [
    ...visible.cards.map((i) => drawn.cards[i]),
    ...visible.labels.map((k) => drawn.lines[k].label),
    ...visible.open.map((f) => drawn.frames[f].titleBox),
  ];
  const covers = visible.covers.map((f) => drawn.frames[f].box);
  return {
    x: squeezed(-origin.e, whole.width - origin.e, boxes.map((b) => [b.x, b.x + b.width]),
      covers.map((b) => [b.x, b.x + b.width, COVER.width])),
    y: squeezed(-origin.f, whole.height - origin.f, boxes.map((b) => [b.y, b.y + b.height]),
      covers.map((b) => [b.y, b.y + b.height, COVER.height])),
  };
}

function move(element, { x, y, width, height }) {
  const cx = x + width / 2, cy = y + height / 2;
  element.setAttribute("transform", `translate(${map.x(cx) - cx} ${map.y(cy) - cy})`);
}

function mapped({ x, y, width, height }) {
  const left = map.x(x), top = map.y(y);
  return { x: left, y: top, width: map.x(x + width) - left, height: map.y(y + height) - top };
}

const POINT = /(-?[\d.]+),(-?[\d.]+)/g;

function squeeze(visible) {
  map = mapsFor(visible);
  cards.forEach(({ group }, i) => { if (group) move(group, drawn.cards[i]); });
  for (const { paths, parts } of drawn.lines) {
    for (const { path, d } of paths)
      path.setAttribute("d", d.replace(POINT, (_, x, y) => `${map.x(+x)},${map.y(+y)}`));
    for (const { part, box } of parts) move(part, box);
  }
  for (const { polygon, box, title, titleBox } of drawn.frames) {
    const { x, y, width, height } = mapped(box), right = x + width, bottom = y + height;
    polygon.setAttribute("points", `${x},${y} ${right},${y} ${right},${bottom} ${x},${bottom}`);
    move(title, titleBox);
    if (title.previousElementSibling !== polygon) move(title.previousElementSibling, titleBox);
  }
  resize();
}

// Fit the picture's own size to what is left of it.
function resize() {
  size.width = map.x(whole.width - origin.e) + origin.e;
  size.height = map.y(whole.height - origin.f) + origin.f;
  picture.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  drawn.ground?.setAttribute("width", size.width);
  drawn.ground?.setAttribute("height", size.height);
}
