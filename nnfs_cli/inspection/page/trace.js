// The stages: each layer forward, the loss, each layer backward, the update.
const stages = [
  ...data.layers.map((layer) => ({ layer, kind: "forward", name: layer.path })),
  { kind: "loss", name: "loss" },
  ...[...data.layers].reverse().map((layer) => ({ layer, kind: "backward", name: layer.path })),
  { kind: "update", name: "update" },
];

function heading(parent, text, formula, notes = []) {
  make(parent, "h2", text);
  if (formula) make(parent, "p", formula, "formula");
  for (const note of notes) make(parent, "p", note, "note");
}
function parametersOf(parent, layer, which) {
  for (const each of layer.parameters) {
    const tensor = each[which];
    const name = which === "value" ? each.symbol : `dL/d${each.symbol}`;
    if (!tensor) make(parent, "p", `${each.symbol} is frozen`, "note");
    else if (tensor.images) showImages(parent, name, each.shape, tensor);
    else if (tensor.shape.length === 4) {
      const [rows, columns, channels, filters] = tensor.shape;
      showFilters(parent, name, whole(tensor), rows, columns, channels, filters);
    } else show(parent, name, whole(tensor), (at) =>
      `${each.path}${indexText(tensor.shape, at)}: ${name} = ${digits(whole(tensor).values[at])}`);
  }
}
function showImages(parent, name, shape, tensor) {
  const box = make(parent, "div", "", "tensor");
  const head = make(box, "h3", name + " ");
  const [count, rows, columns] = tensor.shape;
  make(head, "span", `${shape.join(" × ")}, units 0 to ${count - 1}`, "shape");
  const images = make(box, "div", "", "images");
  const values = decoded(tensor.data);
  for (let unit = 0; unit < count; unit++) {
    const own = values.subarray(unit * rows * columns, (unit + 1) * rows * columns);
    paint(images, rows, columns, own, largestOf(values), (at) => at, (at) =>
      `${name} of unit ${unit}, input ${at}: about ${own[at].toPrecision(2)}`);
  }
}
function showFilters(parent, name, tensor, rows, columns, channels, filters) {
  const box = make(parent, "div", "", "tensor");
  const head = make(box, "h3", name + " ");
  make(head, "span", `${tensor.shape.join(" × ")}, channel 0 of each filter`, "shape");
  const images = make(box, "div", "", "images");
  const largest = largestOf(tensor.values);
  for (let filter = 0; filter < Math.min(filters, 64); filter++) {
    paint(images, rows, columns, tensor.values, largest, (at) => at * channels * filters + filter,
      (at) => `${name}${indexText(tensor.shape, at)} = ${digits(tensor.values[at])}`);
  }
}

function drawForward(parent, layer) {
  heading(parent, `${layer.path} forward: ${layer.type}`, layer.forward, layer.notes.forward);
  const row = make(parent, "div", "", "tensors");
  const x = ofSample(inputOf(layer), state.sample);
  show(row, "x", x, (at) => `x${indexText(x.shape, at)} = ${digits(x.values[at])}`);
  show(row, "y", ofSample(layer.y, state.sample), tellForward(layer));
  parametersOf(row, layer, "value");
}
function drawBackward(parent, layer) {
  heading(parent, `${layer.path} backward: ${layer.type}`, layer.backward, layer.notes.backward);
  const row = make(parent, "div", "", "tensors");
  const dy = ofSample(layer.dy, state.sample);
  show(row, "dL/dy", dy, tellGradient(layer, dy, "y"));
  const dx = ofSample(layer.dx ?? data.layers[layer.from].dy, state.sample);
  show(row, "dL/dx", dx, tellGradient(layer, dx, "x"));
  parametersOf(row, layer, "gradient");
}
function drawLoss(parent) {
  const loss = data.loss;
  heading(parent, `loss: ${loss.type}`, `L = ${digits(loss.value)}`, loss.notes);
  make(parent, "p", loss.formula, "note");
  const row = make(parent, "div", "", "tensors");
  for (const [name, tensor] of [
    ["targets", loss.targets], ["predictions", loss.predictions], ["dL/d(outputs)", loss.gradient],
  ]) {
    const own = ofSample(tensor, state.sample);
    show(row, name, own, (at) => `${name}${indexText(own.shape, at)} = ${digits(own.values[at])}` +
      (data.classes.length === own.values.length ? ` (${data.classes[at]})` : ""));
  }
}
function drawUpdate(parent) {
  heading(parent, `update: ${data.optimizer.type}`, "", data.optimizer.notes);
  make(parent, "p", data.optimizer.formula, "formula");
  for (const each of data.updates) {
    make(parent, "h3", `${each.path} `);
    const scroll = make(parent, "div", "", "scroll");
    const table = make(scroll, "table");
    const head = make(table, "tr");
    for (const name of ["", ...each.columns]) make(head, "th", name);
    each.rows.forEach(([index, ...values]) => {
      const line = make(table, "tr");
      make(line, "th", index);
      for (const value of values) make(line, "td", digits(value));
    });
    if (each.others) make(parent, "p", `and ${each.others} others`, "note");
    for (const note of each.notes) make(parent, "p", note, "note");
  }
}

function draw() {
  const { kind, layer } = stages[state.stage];
  const parent = byId("stage");
  parent.replaceChildren();
  readOut("");
  if (kind === "forward") drawForward(parent, layer);
  else if (kind === "backward") drawBackward(parent, layer);
  else if (kind === "loss") drawLoss(parent);
  else drawUpdate(parent);
  byId("place").textContent = `${state.stage + 1} of ${stages.length}`;
  [...byId("stages").children].forEach((button, at) => {
    button.classList.toggle("done", at <= state.stage);
    button.setAttribute("aria-current", String(at === state.stage));
  });
  byId("stages").children[state.stage].scrollIntoView({ block: "nearest", inline: "nearest" });
  [...byId("samples").children].forEach((button, at) =>
    button.setAttribute("aria-pressed", String(at === state.sample)));
}
function go(stage) {
  state.stage = Math.max(0, Math.min(stages.length - 1, stage));
  draw();
}

stages.forEach(({ name, kind }, at) => {
  const arrow = { forward: "→ ", backward: "← " }[kind] ?? "";
  const button = make(byId("stages"), "button", arrow + name, kind);
  button.type = "button";
  button.addEventListener("click", () => go(at));
});
data.samples.forEach((name, at) => {
  const button = make(byId("samples"), "button", name);
  button.type = "button";
  button.addEventListener("click", () => { state.sample = at; draw(); });
});
byId("back").addEventListener("click", () => go(state.stage - 1));
byId("next").addEventListener("click", () => go(state.stage + 1));
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: state.stage + 1, ArrowLeft: state.stage - 1, Home: 0,
    End: stages.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  go(to);
});
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
