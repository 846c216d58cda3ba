const state = { stage: 0, sample: 0 };

// What one sample has of a tensor: {shape, values}.
function ofSample(tensor, sample) {
  const size = tensor.shape.reduce((a, b) => a * b, 1);
  const values = decoded(tensor.data).subarray(sample * size, (sample + 1) * size);
  return { shape: tensor.shape, values };
}
const inputOf = (layer) => (layer.from < 0 ? data.x : data.layers[layer.from].y);

// Where a number comes from, in words and numbers.
function terms(pairs, bias, result, name) {
  const products = pairs.map(([what, x, w]) => ({ what, x, w, product: x * w }));
  products.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const lines = products.slice(0, 8).map(({ what, x, w, product }) =>
    `  ${what}: ${digits(x)} · ${digits(w)} = ${digits(product)}`);
  const rest = products.slice(8).reduce((sum, { product }) => sum + product, 0);
  if (products.length > 8) lines.push(`  ${products.length - 8} others: ${digits(rest)}`);
  if (bias !== null) lines.push(`  bias: ${digits(bias)}`);
  return `${name} = Σ x W${bias === null ? "" : " + b"} = ${digits(result)}\n${lines.join("\n")}`;
}
function parameter(layer, name) {
  return layer.parameters.find((each) => each.name === name);
}
function biasOf(layer, unit) {
  const bias = parameter(layer, "bias");
  return bias ? decoded(bias.value.data)[unit] : null;
}
function tellForward(layer) {
  const x = ofSample(inputOf(layer), state.sample);
  const y = ofSample(layer.y, state.sample);
  return (at) => {
    const name = `${layer.path} y${indexText(y.shape, at)}`;
    if (layer.type === "dense") return denseSum(layer, x, y, at, name);
    if (layer.type === "conv2d" && layer.geometry) return convSum(layer, x, y, at, name);
    const one = x.values.length === y.values.length ? `, from x = ${digits(x.values[at])}` : "";
    return `${name} = ${digits(y.values[at])}${one}\n  ${layer.forward}`;
  };
}
function denseSum(layer, x, y, unit, name) {
  const bias = biasOf(layer, unit);
  if (layer.largest) {
    const { places, weights, count } = layer.largest;
    const start = (state.sample * y.values.length + unit) * count;
    const shown = Array.from({ length: count }, (_, n) => start + n);
    const found = shown.map((n) => [decoded(places)[n], decoded(weights)[n]]);
    const sum = found.reduce((total, [i, w]) => total + x.values[i] * w, 0);
    const lines = found.map(([i, w]) =>
      `  x[${i}] · W[${i}, ${unit}]: ${digits(x.values[i])} · ${digits(w)} = ` +
      digits(x.values[i] * w));
    const rest = y.values[unit] - sum - (bias ?? 0);
    lines.push(`  ${x.values.length - count} others: ${digits(rest)}`);
    if (bias !== null) lines.push(`  bias: ${digits(bias)}`);
    return `${name} = Σ x W + b = ${digits(y.values[unit])}\n${lines.join("\n")}`;
  }
  const weight = whole(parameter(layer, "weight").value);
  const units = weight.shape[1];
  const pairs = Array.from(x.values, (value, i) =>
    [`x[${i}] · W[${i}, ${unit}]`, value, weight.values[i * units + unit]]);
  return terms(pairs, bias, y.values[unit], name);
}
function convSum(layer, x, y, at, name) {
  const [, columns, filters] = y.shape;
  const [height, width, channels] = x.shape;
  const filter = at % filters;
  const column = Math.floor(at / filters) % columns;
  const row = Math.floor(at / filters / columns);
  const { strides, before, dilation, groups } = layer.geometry;
  const weight = whole(parameter(layer, "weight").value);
  const [kernelRows, kernelColumns, depth] = weight.shape;
  const first = Math.floor(filter / (filters / groups)) * depth;
  const pairs = [];
  for (let i = 0; i < kernelRows; i++) for (let j = 0; j < kernelColumns; j++) {
    const r = row * strides[0] - before[0] + i * dilation[0];
    const c = column * strides[1] - before[1] + j * dilation[1];
    if (r < 0 || c < 0 || r >= height || c >= width) continue;
    for (let k = 0; k < depth; k++) {
      const value = x.values[(r * width + c) * channels + first + k];
      const w = weight.values[((i * kernelColumns + j) * depth + k) * filters + filter];
      pairs.push([`x[${r}, ${c}, ${first + k}] · W[${i}, ${j}, ${k}, ${filter}]`, value, w]);
    }
  }
  return terms(pairs, biasOf(layer, filter), y.values[at], name);
}
function tellGradient(layer, tensor, what) {
  return (at) => `dL/d${what}${indexText(tensor.shape, at)} of ${layer.path} = ` +
    `${digits(tensor.values[at])}\n  ${layer.backward}\n` +
    `  the loss changes by so much for each unit that ${what} grows`;
}
