// @ts-check
// One row of the tree: a place with what is wrong below it, or a sensor with its value and a sparkline.
import { everySecond } from "../clock.js";
import { h, replace } from "../dom.js";
import { age, count, measured, unitName } from "../format.js";
import { named, t } from "../i18n.js";
import { conditionShape, icon } from "../marks.js";
import { sparkline } from "../plot.js";
import { CONDITIONS } from "../sensors.js";
import { wantSeries } from "../series.js";

/** @typedef {import("../types").TreeNode} TreeNode */

const SPARK_WIDTH = 84;
const SPARK_HEIGHT = 22;
const TROUBLES = CONDITIONS.filter((condition) => condition !== "good" && condition !== "waiting");
const KIND_ICONS = /** @type {Record<string, string>} */ ({
  gas: "gas_leak",
  tank: "tank_overfill",
  rain: "rainstorm",
  subsidence: "ground_movement",
});

/** @param {TreeNode} at @param {boolean} open */
export function rowOf(at, open) {
  const siblings = at.parent ? at.parent.children : [at];
  const common = {
    id: at.id,
    role: "treeitem",
    "aria-level": at.depth,
    "aria-setsize": siblings.length,
    "aria-posinset": siblings.indexOf(at) + 1,
  };
  return at.sensor ? sensorRow(at, at.sensor, common) : placeRow(at, open, common);
}

/** @param {string} kind a kind of sensor */
export function kindIcon(kind) {
  return icon(KIND_ICONS[kind] ?? kind, "kind");
}

/**
 * @param {TreeNode} at
 * @param {boolean} open
 * @param {Record<string, any>} attributes
 */
function placeRow(at, open, attributes) {
  const troubles = TROUBLES.filter((condition) => at.counts[condition]);
  const title = troubles.map((condition) => `${t(`condition.${condition}`)} ${at.counts[condition]}`).join(" · ");
  return h(
    "div",
    { ...attributes, class: `row place depth-${at.depth}`, "aria-expanded": open, title },
    icon("chevron", "twist"),
    h("span", { class: "name" }, at.name ? named(at.name) : ""),
    h(
      "span",
      { class: "troubles" },
      troubles.map((condition) => trouble(at, condition)),
    ),
    h("span", { class: "total" }, count(at.total)),
  );
}

/** @param {TreeNode} at @param {string} condition */
function trouble(at, condition) {
  const shape = conditionShape(condition, at.level);
  return h(
    "span",
    { class: "trouble" },
    shape,
    h("span", { class: "unseen" }, t(`condition.${condition}`)),
    at.counts[condition],
  );
}

/**
 * @param {TreeNode} at
 * @param {import("../types").Sensor} sensor
 * @param {Record<string, any>} attributes
 */
function sensorRow(at, sensor, attributes) {
  const [, condition, level, value, heardAt] = at.state ?? [sensor.id, "waiting", 0, null, null];
  const spark = h("span", { class: "spark-place" });
  wantSeries(sensor.id, (series) => replace(spark, sparkline(series, SPARK_WIDTH, SPARK_HEIGHT)));
  return h(
    "div",
    { ...attributes, class: `row sensor depth-${at.depth} ${condition}` },
    conditionShape(condition, level),
    h("span", { class: "name" }, sensor.id),
    h("span", { class: `condition ${condition}` }, t(`condition.${condition}`)),
    spark,
    h("span", { class: "value" }, measured(value), h("span", { class: "unit" }, unitName(sensor.unit))),
    ageOf(heardAt),
  );
}

/** @param {string | null} heardAt */
export function ageOf(heardAt) {
  const element = h("span", { class: "age" }, t("sensors.never"));
  if (!heardAt) return element;
  const heardMs = Date.parse(heardAt);
  return everySecond(element, (now) => (element.textContent = age((now - heardMs) / 1_000)));
}
