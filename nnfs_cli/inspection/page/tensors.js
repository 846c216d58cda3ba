"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
byId("title").textContent = data.title;
byId("about").textContent = data.about;

// Arrays come as base64 of float32, or of bytes with the smallest and the largest value.
const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const numbers = new Map();
function decoded(packed) {
  if (!numbers.has(packed)) {
    const bytes = bytesOf(packed.bytes);
    const [low, high] = packed.range ?? [0, 0];
    const values = packed.range
      ? Float32Array.from(bytes, (byte) => low + ((high - low) * byte) / 255)
      : new Float32Array(bytes.buffer);
    numbers.set(packed, values);
  }
  return numbers.get(packed);
}
function digits(value) {
  if (value === null || !Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(6))) : value.toExponential(5);
}

const whole = (tensor) => ({ shape: tensor.shape, values: decoded(tensor.data) });
function indexText(shape, at) {
  const places = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    places.unshift(at % shape[axis]);
    at = Math.floor(at / shape[axis]);
  }
  return `[${places.join(", ")}]`;
}
function make(parent, tag, text = "", classes = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (classes) element.className = classes;
  parent.append(element);
  return element;
}
function colour(value, largest) {
  const strength = largest ? Math.min(1, Math.abs(value) / largest) : 0;
  return { name: value < 0 ? "--minus" : "--plus", strength };
}
function rgb(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim().split(" ");
}
const largestOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

// A tensor as cells with numbers, as images, or as one image of many numbers.
function show(parent, name, tensor, tell) {
  const box = make(parent, "div", "", "tensor");
  const head = make(box, "h3", name + " ");
  make(head, "span", tensor.shape.length ? tensor.shape.join(" × ") : "", "shape");
  const { shape, values } = tensor;
  const largest = largestOf(values);
  if (shape.length === 3) showChannels(box, shape, values, largest, tell);
  else if (values.length <= 64) showCells(box, shape, values, largest, tell);
  else {
    const [rows, columns] = shape.length === 2 ? shape : folded(values.length);
    const images = make(box, "div", "", "images");
    paint(images, rows, columns, values, largest, (at) => at, tell, 280);
  }
  make(box, "p", `from ${digits(Math.min(...extremes(values)))} to ` +
    `${digits(Math.max(...extremes(values)))}`, "note");
}
function extremes(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  return [low, high];
}
function folded(count) {
  let rows = Math.floor(Math.sqrt(count));
  while (rows > Math.sqrt(count) / 3 && count % rows) rows--;
  const columns = count % rows ? Math.ceil(Math.sqrt(count)) : count / rows;
  return [Math.ceil(count / columns), columns];
}
function showCells(box, shape, values, largest, tell) {
  const columns = shape.length > 1 ? shape[shape.length - 1] : Math.min(values.length, 8);
  const grid = make(box, "div", "", "cells");
  grid.style.gridTemplateColumns = `repeat(${columns}, max-content)`;
  values.forEach((value, at) => {
    const cell = make(grid, "div", digits(value), "cell");
    const { name, strength } = colour(value, largest);
    cell.style.background = `rgb(var(${name}) / ${(0.65 * strength).toFixed(3)})`;
    if (!tell) return;
    cell.tabIndex = 0;
    for (const event of ["pointerenter", "focus", "click"]) {
      cell.addEventListener(event, () => readOut(tell(at)));
    }
  });
}
function showChannels(box, [rows, columns, channels], values, largest, tell) {
  const images = make(box, "div", "", "images");
  for (let channel = 0; channel < Math.min(channels, 64); channel++) {
    paint(images, rows, columns, values, largest, (at) => at * channels + channel, tell);
  }
  if (channels > 64) make(box, "p", `the first 64 of ${channels} channels`, "note");
}
function paint(parent, rows, columns, values, largest, place, tell, side = 112) {
  const canvas = make(parent, "canvas");
  canvas.width = columns;
  canvas.height = rows;
  const scale = Math.max(1, Math.min(16, Math.floor(side / Math.max(rows, columns)) || 1));
  canvas.style.width = `${Math.max(columns * scale, 28)}px`;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const colours = { "--plus": rgb("--plus"), "--minus": rgb("--minus") };
  for (let at = 0; at < rows * columns; at++) {
    const value = values[place(at)];
    if (value === undefined) continue;
    const { name, strength } = colour(value, largest);
    const [red, green, blue] = colours[name];
    image.data.set([+red, +green, +blue, Math.round(255 * strength)], 4 * at);
  }
  context.putImageData(image, 0, 0);
  if (!tell) return;
  const point = (event) => {
    const area = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - area.left) / area.width) * columns);
    const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
    const at = place(row * columns + column);
    if (row >= 0 && row < rows && column >= 0 && column < columns && at < values.length) {
      readOut(tell(at));
    }
  };
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("click", point);
}
function readOut(text) { byId("readout").textContent = text; }
