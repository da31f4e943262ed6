// The panel that tells all of one node: the one hovered at, else the one chosen or stepped to.
let chosen = nodes.length - 1, hovered = null;

function row(list, title, ...lines) {
  const head = document.createElement("dt");
  head.textContent = title;
  list.append(head);
  for (const line of lines) {
    const text = document.createElement("dd");
    text.textContent = line;
    list.append(text);
  }
}

// A number as it is shown, and in full where that says more.
function inFull(x) {
  const short = write(x), full = String(x).replace(/-/g, "−").replace("+", "");
  return data.texts || short === full || !Number.isFinite(x) ? short : `${short} (${full})`;
}

function localDerivatives(i) {
  const { local } = nodes[i];
  return local.map(([place, sign, formula, steady]) => {
    const number = write(now.partials[i][place]);
    const sides = [sign, ...(formula && (steady || !now.changed) ? [formula] : []), number];
    return [...new Set(sides)].join(" = ");
  });
}

function drawDetails() {
  const i = hovered ?? chosen, node = nodes[i], known = gradientsSoFar(), k = stepOf.get(i);
  const title = document.createElement("h2"), list = document.createElement("dl");
  title.textContent = [node.symbol, node.full || node.name].filter(Boolean).join(" ");
  if (node.full) row(list, "Called", node.name);
  if (k !== undefined) row(list, "Formula", words(k));
  else row(list, "Kind", node.role);
  row(list, "Value", inFull(now.values[i]));
  const gradient = known.has(i) ? inFull(known.get(i)) : "not computed yet";
  if (!node.constant) row(list, "Gradient", gradient);
  if (node.local.length) row(list, "Local derivatives", ...localDerivatives(i));
  if (node.line) row(list, "Made at", node.line);
  $("details").replaceChildren(title, list);
  cards.forEach(({ group }, n) => group?.classList.toggle("chosen", n === i));
}

function choose(i) {
  chosen = i;
  hovered = null;  // a resting mouse does not hold the panel while steps go on
  setTabStop(cards[i].group);
  drawDetails();
}

// One stop of the Tab key for the whole picture; the arrow keys move it.
let tabStop = null;

function setTabStop(group) {
  if (!group) return;
  tabStop?.setAttribute("tabindex", "-1");
  tabStop = group;
  group.setAttribute("tabindex", "0");
}

cards.forEach(({ group }, i) => {
  if (!group) return;
  group.setAttribute("role", "button");
  group.setAttribute("tabindex", "-1");
  group.addEventListener("pointerenter", () => { hovered = i; drawDetails(); });
  group.addEventListener("pointerleave", () => { hovered = null; drawDetails(); });
  group.addEventListener("focus", () => choose(i));
  group.addEventListener("click", () => group.focus());
});
