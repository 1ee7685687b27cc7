// @ts-check
// The one sensor that is looked at: what it is, how it is, and a plot with its thresholds.
import { h, replace } from "../dom.js";
import { measured, span, unitName } from "../format.js";
import { named, t } from "../i18n.js";
import { conditionShape } from "../marks.js";
import { plot } from "../plot.js";
import { knownSeries, wantSeries } from "../series.js";
import { ageOf, kindIcon } from "./row.js";

/** @typedef {import("../types").TreeNode} TreeNode */

const PLOT_HEIGHT_PX = 150;

/** Redrawn when its sensor speaks, when another is chosen, when it becomes wider. */
export class Inspector {
  constructor() {
    /** @type {TreeNode | null} */
    this.leaf = null;
    this.element = h("div", { class: "inspector", id: "inspector" });
    this.canvas = h("div", { class: "canvas" });
    new ResizeObserver(() => this.drawPlot()).observe(this.canvas);
  }

  /** @param {TreeNode} leaf */
  look(leaf) {
    this.leaf = leaf;
    this.canvas.replaceChildren();
    this.draw();
    wantSeries(leaf.sensor?.id ?? "", () => this.drawPlot());
  }

  /** @param {Set<string>} changed */
  refresh(changed) {
    if (!this.leaf?.sensor || !changed.has(this.leaf.sensor.id)) return;
    this.draw();
  }

  draw() {
    if (this.leaf?.sensor)
      replace(this.element, heading(this.leaf, this.leaf.sensor), facts(this.leaf, this.leaf.sensor), this.canvas);
    else replace(this.element, h("p", { class: "hint" }, t("sensors.choose")));
    this.drawPlot();
  }

  drawPlot() {
    const series = this.leaf?.sensor && knownSeries(this.leaf.sensor.id);
    if (series && this.canvas.clientWidth) replace(this.canvas, plot(series, this.canvas.clientWidth, PLOT_HEIGHT_PX));
  }
}

/** @param {TreeNode} leaf @param {import("../types").Sensor} sensor */
function heading(leaf, sensor) {
  const [, condition, level, value] = leaf.state ?? [sensor.id, "waiting", 0, null];
  return h(
    "div",
    { class: "inspector-head" },
    kindIcon(sensor.kind),
    h("h3", {}, sensor.id),
    h(
      "span",
      { class: "what" },
      [t(`quantity.${sensor.quantity}`), leaf.parent?.name ? named(leaf.parent.name) : ""].join(" · "),
    ),
    h("span", { class: `condition ${condition}` }, conditionShape(condition, level), t(`condition.${condition}`)),
    h("span", { class: "value" }, measured(value), h("span", { class: "unit" }, unitName(sensor.unit))),
  );
}

/** @param {TreeNode} leaf @param {import("../types").Sensor} sensor */
function facts(leaf, sensor) {
  const range = `${measured(sensor.range_low)} – ${measured(sensor.range_high)} ${unitName(sensor.unit)}`;
  return h(
    "dl",
    { class: "facts" },
    fact("sensors.last", ageOf(leaf.state?.[4] ?? null)),
    fact("sensors.interval", span(sensor.interval_s)),
    fact("sensors.range", range),
    sensor.group && fact("sensors.group", sensor.group),
  );
}

/** @param {string} key @param {Node | string} what */
function fact(key, what) {
  return h("div", {}, h("dt", {}, t(key)), h("dd", {}, what));
}
