const MANY = 12;  // parameters that are shown at first

// A slider and a field for each input: what is changed there, all numbers follow.
function slider(i) {
  const name = nodes[i].full || nodes[i].name, x = initial[i];
  const line = document.createElement("div"), label = document.createElement("label");
  const range = document.createElement("input"), field = document.createElement("input");
  label.textContent = nodes[i].name;
  label.htmlFor = field.id = `field${i}`;
  range.type = "range";
  field.type = "number";
  field.step = "any";
  range.id = `slider${i}`;
  range.setAttribute("aria-label", `${name}, slider`);
  field.setAttribute("aria-label", name);
  // From the number one power of ten to both sides, in steps of a hundredth of it.
  const size = Number.isFinite(x) ? Math.max(1, Math.abs(x)) : 1;
  const reach = 10 ** Math.ceil(Math.log10(size) + 1e-9), step = reach / 100;
  const middle = Number.isFinite(x) ? Math.round(x / step) * step : 0;
  range.step = step;
  range.min = middle - reach;
  range.max = middle + reach;
  range.addEventListener("input", () => set(i, Number(range.value), range));
  field.addEventListener("input", () => {
    if (field.value !== "" && field.validity.valid) set(i, Number(field.value), field);
  });
  field.addEventListener("change", () => showInput(i, null));
  line.append(label, range, field);
  return line;
}

// Many parameters are folded away: the inputs stay in sight, and few steps of the Tab key away.
function parameterGroup(count) {
  const group = document.createElement("details"), title = document.createElement("summary");
  title.textContent = `${count} parameters`;
  group.append(title);
  return group;
}

// Show a number in both; what is being used is left alone.
function showInput(i, used) {
  const range = $(`slider${i}`), field = $(`field${i}`), x = now.values[i];
  if (used !== range) {
    if (x < Number(range.min)) range.min = x;
    if (x > Number(range.max)) range.max = x;
    range.value = x;
  }
  if (used !== field) field.value = Number.isFinite(x) ? String(x) : "";
  range.setAttribute("aria-valuetext", write(x));
}

function set(i, number, used) {
  change(i, number);
  showInput(i, used);
  refreshAll();
}

function refreshAll() {
  refresh();
  drawDetails();
  $("reset").disabled = !now.changed;
}

$("fixed").textContent = data.fixed;
if (data.fixed) for (const id of ["inputs", "reset"]) $(id).hidden = true;
else {
  $("fixed").hidden = true;
  const order = { input: 0, parameter: 1, result: 2 };
  const place = (i) => nodes[i].frame ?? -1;
  const shown = [...leaves].sort((a, b) =>
    order[nodes[a].role] - order[nodes[b].role] || place(a) - place(b) || a - b);
  const learnt = shown.filter((i) => nodes[i].role === "parameter");
  const group = learnt.length > MANY ? parameterGroup(learnt.length) : $("inputs");
  for (const i of shown) (nodes[i].role === "parameter" ? group : $("inputs")).append(slider(i));
  if (group !== $("inputs")) $("inputs").append(group);
  leaves.forEach((i) => showInput(i, null));
  $("reset").disabled = true;
  $("reset").addEventListener("click", () => {
    begin();
    leaves.forEach((i) => showInput(i, null));
    refreshAll();
  });
}
