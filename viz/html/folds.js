// Folding: a folded frame is covered by a card that tells what is inside; its edges end there.
const ROOM = 60;  // cards of a picture that is open at first: about what a screen shows
const frames = data.frames.map((frame) => ({ ...frame, folded: false, group: $(frame.id) }));
frames.forEach((frame, f) => {
  frame.depth = frame.parent < 0 ? 0 : frames[frame.parent].depth + 1;
  frame.members = nodes.flatMap((node, i) => (within(node.frame, f) ? [i] : []));
  const inside = new Set(frame.members);
  frame.outputs = frame.members.filter((i) => i === nodes.length - 1 ||
    arrows.some(({ tail, head }) => tail === i && !inside.has(head)));
});

function within(frame, outer) {
  for (let f = frame ?? -1; f >= 0; f = frames[f].parent) if (f === outer) return true;
  return false;
}

// The outermost folded frame around a frame, itself included; -1 if all are open.
function coverOf(frame) {
  let found = -1;
  for (let f = frame ?? -1; f >= 0; f = frames[f].parent) if (frames[f].folded) found = f;
  return found;
}

function range(numbers) {
  const ends = [write(Math.min(...numbers)), write(Math.max(...numbers))];
  return [...new Set(ends)].join(" … ");
}

function linesOf(frame) {
  const known = gradientsSoFar(), lines = [frame.title];
  const computed = frame.outputs.every((i) => !nodes[i].inputs.length || stepOf.get(i) < at);
  lines.push(`out ${computed ? range(frame.outputs.map((i) => now.values[i])) : "–"}`);
  const gradients = frame.outputs.flatMap((i) => (known.has(i) ? [known.get(i)] : []));
  lines.push(`grad ${gradients.length ? range(gradients) : "–"}`);
  lines.push(`${frame.members.length} nodes`);
  return lines;
}

// As large as the frame has room for: it can be read where the nodes inside could not.
function drawCover(frame) {
  const box = mapped(drawn.frames[frames.indexOf(frame)].box), lines = linesOf(frame);
  const longest = Math.max(...lines.map((line) => line.length));
  const fitting = [box.width / (0.62 * longest + 2), box.height / (1.5 * lines.length + 1)];
  const size = Math.max(6, Math.min(18, ...fitting));
  const rect = made("rect", { x: box.x, y: box.y, width: box.width, height: box.height });
  const rows = lines.map((line, k) => made("text", {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2 + size * (1.5 * (k - (lines.length - 1) / 2) + 0.35),
    "font-size": size,
    "font-weight": k ? "normal" : "bold",
    "text-anchor": "middle",
  }, line));
  frame.cover.replaceChildren(rect, ...rows);
  frame.cover.setAttribute("aria-label", `${lines.join(", ")}: unfold`);
  const present = nodes[steps[at - 1]?.node];
  frame.cover.classList.toggle("now", within(present?.frame, frames.indexOf(frame)));
}

function drawCovers() {
  frames.forEach((frame, f) => {
    if (frame.folded && coverOf(frame.parent) < 0) drawCover(frame);
  });
}

function applyFolds() {
  const hide = (element, hidden) => element?.classList.toggle("folded", hidden);
  const covers = nodes.map((node) => coverOf(node.frame));
  cards.forEach(({ group }, i) => hide(group, covers[i] >= 0));
  arrows.forEach(({ tail, head, groups, inlet, label }) => {
    const hidden = covers[tail] >= 0 && covers[tail] === covers[head];
    for (const group of [...groups, inlet]) hide(group, hidden);
    hide(label, covers[tail] >= 0 || covers[head] >= 0);
  });
  frames.forEach((frame) => {
    const inside = coverOf(frame.parent) >= 0;
    hide(frame.group, inside || frame.folded);
    hide(frame.cover, inside || !frame.folded);
  });
  squeeze(visibleNow(covers));
  drawCovers();
  drawChips(steps[at - 1]);
  const open = frames.filter((frame) => !frame.folded);
  $("fold").disabled = !open.length;
  $("unfold").disabled = open.length === frames.length;
}

function visibleNow(covers) {
  const numbers = (list, isVisible) => list.flatMap((one, k) => (isVisible(one, k) ? [k] : []));
  const outside = (frame) => coverOf(frame.parent) < 0;
  const free = ({ tail, head }) => covers[tail] < 0 && covers[head] < 0;
  return {
    cards: numbers(cards, ({ group }, i) => group && covers[i] < 0),
    labels: numbers(arrows, (arrow) => arrow.label && free(arrow)),
    open: numbers(frames, (frame) => outside(frame) && !frame.folded),
    covers: numbers(frames, (frame) => outside(frame) && frame.folded),
  };
}

function toggle(f, folded, { focus = false } = {}) {
  frames[f].folded = folded;
  applyFolds();
  refit();
  const shown = folded ? frames[f].cover : frames[f].group;
  if (tabStop?.classList.contains("folded") || focus) setTabStop(shown);
  if (focus) shown.focus();
}

// Fold what is innermost and open, or unfold what is outermost and folded: a level at a time.
function foldLevel(folded) {
  const depths = frames.filter((frame) => frame.folded !== folded).map((frame) => frame.depth);
  const level = folded ? Math.max(...depths) : Math.min(...depths);
  frames.forEach((frame) => { if (frame.depth === level) frame.folded = folded; });
  applyFolds();
  refit();
  if (tabStop?.classList.contains("folded")) setTabStop(stops()[0]);
}

// At first, of a graph that no screen has room for: folded as far as it takes, the innermost first.
function foldWhatIsMany() {
  const count = () => visibleNow(nodes.map((node) => coverOf(node.frame))).cards.length;
  let depth = Math.max(-1, ...frames.map((frame) => frame.depth));
  for (; depth >= 0 && count() > ROOM; depth--)
    for (const frame of frames) frame.folded ||= frame.depth === depth;
  applyFolds();
}

// Unfold whatever hides a node.
function uncover(i) {
  for (let f = nodes[i].frame ?? -1; f >= 0; f = frames[f].parent) frames[f].folded = false;
  applyFolds();
  refit();
}

frames.forEach((frame, f) => {
  frame.cover = made("g", { class: "cover folded" });
  layer.append(frame.cover);
  const title = frame.group.querySelector("text");
  const { x, y, width, height } = title.getBBox();
  const larger = { x: x - 4, y: y - 2, width: width + 8, height: height + 4 };
  title.before(made("rect", { class: "handle", ...larger }));
  frame.group.setAttribute("aria-label", `${frame.title}, ${frame.members.length} nodes: fold`);
  for (const [group, expanded] of [[frame.group, true], [frame.cover, false]]) {
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "-1");
    group.setAttribute("aria-expanded", expanded);
    group.addEventListener("click", (event) => {
      if (expanded && event.target.tagName === "polygon") return;  // its ground, not its title
      toggle(f, expanded, { focus: true });
    });
  }
});
for (const id of ["fold", "unfold"]) {
  $(id).hidden = !frames.length;
  $(id).addEventListener("click", () => foldLevel(id === "fold"));
}
