// @ts-check
// Small plots in SVG: a sparkline for a row, a plot with axes and thresholds for the one sensor that is looked at.
import { svg } from "./dom.js";
import { clockTime, measured, shortTime, unitName } from "./format.js";
import { named, t } from "./i18n.js";

/** @typedef {import("./types").Series} Series */
/** @typedef {{low: number, high: number}} Bounds */
/** @typedef {{left: number, top: number, width: number, height: number}} Box */

const MARGIN = { left: 46, right: 12, top: 12, bottom: 20 };
const TIME_LABEL_PX = 90;
const SECONDS_BELOW_MS = 600_000;

/**
 * @param {Series} series
 * @param {number} width
 * @param {number} height
 */
export function sparkline(series, width, height) {
  const box = { left: 1, top: 2, width: width - 5, height: height - 4 };
  const { points, y } = scaled(series, box);
  const last = points[points.length - 1]?.at(-1);
  return svg(
    "svg",
    { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(series) },
    linesIn(series, box, y).map(({ line, at }) => threshold(line, at, 0, width)),
    svg("path", { class: "trace", d: trace(points) }),
    last && svg("circle", { class: "last", cx: last[0], cy: last[1], r: 1.8 }),
  );
}

/**
 * @param {Series} series
 * @param {number} width
 * @param {number} height
 * @param {{at: string, label: string}} [mark] an instant to point at
 */
export function plot(series, width, height, mark) {
  const box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: width - MARGIN.left - MARGIN.right,
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const { points, x, y, bounds } = scaled(series, box);
  const label = (series.at_ms.at(-1) ?? 0) - (series.at_ms[0] ?? 0) < SECONDS_BELOW_MS ? clockTime : shortTime;
  return svg(
    "svg",
    { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(series) },
    ticks(bounds).map((value) => gridLine(value, y(value), box)),
    times(series, box).map((at) =>
      svg("text", { class: "axis", x: x(at), y: height - 5, "text-anchor": "middle" }, label(at)),
    ),
    svg("path", { class: "area", d: areaUnder(points, box) }),
    linesIn(series, box, y).map(({ line, at }) => threshold(line, at, box.left, box.left + box.width, true)),
    mark && pointer(x(Date.parse(mark.at)), mark.label, box),
    svg("path", { class: "trace", d: trace(points) }),
    dots(points),
  );
}

/**
 * Points of the readings, in unbroken runs; a missing value breaks a run.
 * @param {Series} series
 * @param {Box} box
 */
function scaled(series, box) {
  const bounds = boundsOf(series);
  const first = series.at_ms[0] ?? 0;
  const lasting = (series.at_ms.at(-1) ?? 1) - first || 1;
  const x = (/** @type {number} */ atMs) => round(box.left + ((atMs - first) / lasting) * box.width);
  const y = (/** @type {number} */ value) =>
    round(box.top + box.height - ((value - bounds.low) / (bounds.high - bounds.low)) * box.height);
  /** @type {[number, number][][]} */
  const points = [[]];
  series.values.forEach((value, place) => {
    if (value === null) points.push([]);
    else points[points.length - 1].push([x(series.at_ms[place]), y(value)]);
  });
  return { bounds, x, y, points: points.filter((run) => run.length) };
}

/** From the readings to at least the nearest threshold, so that one sees how far it is. @param {Series} series */
function boundsOf(series) {
  const values = /** @type {number[]} */ (series.values.filter((value) => value !== null));
  const nearest = series.thresholds.map((line) => line.value).sort((a, b) => distance(a, values) - distance(b, values));
  const all = [...values, ...nearest.slice(0, 1)];
  const low = all.length ? Math.min(...all) : 0;
  const high = all.length ? Math.max(...all) : 1;
  const air = (high - low || Math.abs(high) || 1) * 0.08;
  return { low: low - air, high: high + air };
}

/** @param {number} line @param {number[]} values */
function distance(line, values) {
  return Math.abs(line - (values.at(-1) ?? 0));
}

/**
 * @param {Series} series
 * @param {Box} box
 * @param {(value: number) => number} y
 */
function linesIn(series, box, y) {
  const lines = series.thresholds.map((line) => ({ line, at: y(line.value) }));
  return lines.filter(({ at }) => at >= box.top && at <= box.top + box.height);
}

/**
 * @param {import("./types").Threshold} line
 * @param {number} at
 * @param {number} left
 * @param {number} right
 * @param {boolean} [labelled]
 */
function threshold(line, at, left, right, labelled = false) {
  const label = `${named(line.label)} ${measured(line.value)}`;
  return svg(
    "g",
    { class: `threshold level-${line.level}` },
    svg("line", { x1: left, x2: right, y1: at, y2: at }),
    labelled && svg("text", { x: left + 4, y: at - 4 }, label),
  );
}

/** @param {number} value @param {number} at @param {Box} box */
function gridLine(value, at, box) {
  return svg(
    "g",
    { class: "grid" },
    svg("line", { x1: box.left, x2: box.left + box.width, y1: at, y2: at }),
    svg("text", { class: "axis", x: box.left - 6, y: at + 4, "text-anchor": "end" }, measured(value)),
  );
}

/** @param {number} x @param {string} label @param {Box} box */
function pointer(x, label, box) {
  const inside = Math.min(Math.max(x, box.left), box.left + box.width);
  const anchor = inside > box.left + box.width / 2 ? "end" : "start";
  return svg(
    "g",
    { class: "pointer" },
    svg("line", { x1: inside, x2: inside, y1: box.top, y2: box.top + box.height }),
    svg("text", { x: inside + (anchor === "end" ? -5 : 5), y: box.top + box.height - 5, "text-anchor": anchor }, label),
  );
}

/** @param {[number, number][][]} points */
function dots(points) {
  const last = points.at(-1)?.at(-1);
  return last && svg("circle", { class: "last", cx: last[0], cy: last[1], r: 3 });
}

/** Round values, about four. @param {Bounds} bounds */
function ticks({ low, high }) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) values.push(value);
  return values;
}

/** @param {Series} series @param {Box} box */
function times(series, box) {
  const first = series.at_ms[0];
  const last = series.at_ms.at(-1);
  if (first === undefined || last === undefined) return [];
  const number = Math.max(2, Math.floor(box.width / TIME_LABEL_PX));
  return Array.from({ length: number }, (_, place) => first + ((last - first) * (place + 0.5)) / number);
}

/** @param {[number, number][][]} points */
function trace(points) {
  return points.map((run) => `M${run.map((point) => point.join(" ")).join("L")}`).join("");
}

/** @param {[number, number][][]} points @param {Box} box */
function areaUnder(points, box) {
  const floor = box.top + box.height;
  return points.map((run) => `${trace([run])}L${run.at(-1)?.[0]} ${floor}L${run[0][0]} ${floor}Z`).join("");
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/** The plot in a sentence. @param {Series} series */
function describe(series) {
  const values = /** @type {number[]} */ (series.values.filter((value) => value !== null));
  if (!values.length) return t("sensors.no_readings");
  return t("sensors.readings", {
    n: values.length,
    sensor: series.sensor,
    low: measured(Math.min(...values)),
    high: measured(Math.max(...values)),
    last: measured(values.at(-1)),
    unit: unitName(series.unit),
  });
}
