// @ts-check
// Icons, and the marks that say a level or a condition by shape, colour and word together.
import { h, svg } from "./dom.js";
import { t } from "./i18n.js";

/** @param {string} name a symbol of icons.svg @param {string} [className] */
export function icon(name, className = "") {
  const use = svg("use", { href: `/static/icons.svg#${name}` });
  return svg("svg", { class: `icon ${className}`.trim(), "aria-hidden": "true", focusable: "false" }, use);
}

/** A level's shape in its colour. @param {number} level */
export function levelShape(level) {
  return icon(`level-${level}`, `shape level-${level}`);
}

/** Shape and word of a level. @param {number} level */
export function levelMark(level) {
  return h("span", { class: "mark" }, levelShape(level), t(`level.${level}`));
}

/**
 * A sensor's condition; in alarm it wears the level's shape.
 * @param {string} condition
 * @param {number} [level]
 */
export function conditionShape(condition, level = 0) {
  return condition === "alarm" && level ? levelShape(level) : icon(shapeOf(condition), `shape ${condition}`);
}

/** @param {string} condition */
function shapeOf(condition) {
  return condition === "alarm" ? "level-4" : condition;
}
