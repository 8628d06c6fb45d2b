// Curves over epochs, as SVG.

const [WIDTH, HEIGHT] = [420, 230];
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 12, 14, 40];

/**
 * Draws curves, one value per epoch each.
 * @param series `[{ name, values, line }]`, where `line` is a class of the style sheet; a value that is not finite is null
 * @param axis `{ epochs, top, format }`: the largest epoch and value, and how a value is written
 */
export function draw(svg, title, series, { epochs, top, format }) {
  const x = (epoch) => LEFT + ((epoch - 1) / Math.max(1, epochs - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - (Math.min(value, top) / top) * (HEIGHT - TOP - BOTTOM);
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-label", describe(title, series, format));
  const parts = [0, 0.25, 0.5, 0.75, 1].map((share) => grid(y(share * top), format(share * top)));
  for (const epoch of new Set([1, Math.ceil(epochs / 2), epochs])) {
    parts.push(text(x(epoch), HEIGHT - BOTTOM + 18, "middle", epoch));
  }
  for (const { values, line } of series) {
    const points = values.map((value, index) => `${round(x(index + 1))},${round(y(value ?? top))}`);
    parts.push(element("polyline", { class: `line ${line}`, points: points.join(" ") }));
    if (values.length > 0) {
      parts.push(element("circle", { class: `dot ${line}`, cx: x(values.length), cy: y(values.at(-1) ?? top), r: 3.5 }));
    }
  }
  svg.replaceChildren(...parts, ...legend(series));
}

/** A round number that is not below any of the values. */
export function roundTop(values) {
  const largest = Math.max(0.1, ...values.filter(Number.isFinite));
  const unit = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 4, 10].map((factor) => factor * unit).find((top) => top >= largest);
}

function describe(title, series, format) {
  const word = (value) => (value === null ? "not finite" : format(value));
  const last = series.filter(({ values }) => values.length > 0).map(({ name, values }) => `${name} ${word(values.at(-1))}`);
  const epoch = series[0].values.length;
  return last.length > 0 ? `${title} by epoch; after epoch ${epoch}: ${last.join(", ")}` : `${title} by epoch: nothing yet`;
}

function grid(y, label) {
  const group = element("g", {});
  group.append(element("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }), text(LEFT - 6, y + 4, "end", label));
  return group;
}

function legend(series) {
  const width = (WIDTH - LEFT - RIGHT) / 2;
  return series.flatMap(({ name, line }, index) => {
    const x = LEFT + index * width;
    return [
      element("line", { class: `line ${line}`, x1: x, x2: x + 22, y1: HEIGHT - 7, y2: HEIGHT - 7 }),
      text(x + 28, HEIGHT - 3, "start", name),
    ];
  });
}

function text(x, y, anchor, content) {
  const node = element("text", { x, y, "text-anchor": anchor });
  node.textContent = content;
  return node;
}

function element(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const round = (value) => Math.round(10 * value) / 10;
