// @ts-check
// The sensor panel: search and filters, the tree, and the sensor that is looked at.
import { h, replace } from "../dom.js";
import { count } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { conditionShape } from "../marks.js";
import { CONDITIONS, root, watchSensors } from "../sensors.js";
import { Inspector } from "./inspector.js";
import { Tree } from "./tree.js";

/** @typedef {import("../types").TreeNode} TreeNode */

const SEARCH_PAUSE_MS = 120;
const KINDS = ["gas", "tank", "rain", "subsidence", "fire", "weather"];

/** @param {HTMLElement} panel */
export function sensorPanel(panel) {
  const asked = { words: "", kind: "", conditions: new Set() };
  const inspector = new Inspector();
  const tree = new Tree((leaf) => inspector.look(leaf));
  const head = h("div", { class: "panel-head" });
  const filters = h("div", { class: "filters", role: "search" });
  const none = h("p", { class: "empty", hidden: true });
  let pause = 0;

  function apply() {
    const wanted = asked.words || asked.kind || asked.conditions.size;
    tree.filter(wanted ? matching(asked) : null);
    none.hidden = tree.rows.length > 0 || !root.total;
    drawHead(wanted ? tree.rows.filter((row) => row.sensor).length : root.total);
  }

  /** @param {number} shown */
  function drawHead(shown) {
    const words =
      shown === root.total
        ? t("sensors.count", { n: count(shown) })
        : t("sensors.shown", { n: count(shown), total: count(root.total) });
    replace(head, h("h2", { id: "sensors-title" }, t("sensors.title")), h("span", { class: "aside" }, words));
  }

  function drawFilters() {
    none.textContent = t("sensors.none");
    const search = h("input", {
      id: "sensor-search",
      type: "search",
      placeholder: t("sensors.search"),
      "aria-label": t("sensors.search"),
      autocomplete: "off",
      spellcheck: "false",
      oninput: (/** @type {Event} */ event) => {
        asked.words = /** @type {HTMLInputElement} */ (event.target).value.trim().toLowerCase();
        clearTimeout(pause);
        pause = window.setTimeout(apply, SEARCH_PAUSE_MS);
      },
    });
    /** @type {HTMLInputElement} */ (search).value = asked.words;
    replace(filters, search, kindChoice(asked, apply), conditionChoice(asked, apply));
  }

  function drawAll() {
    drawFilters();
    apply();
    inspector.draw();
  }

  watchSensors((changed) => {
    if (changed === null) {
      tree.openTrouble();
      drawAll();
    } else {
      if (asked.conditions.size) apply();
      else tree.refresh(changed);
      updateCounts(filters);
      inspector.refresh(changed);
    }
  });
  onLanguage(drawAll);
  panel.append(head, filters, tree.element, none, inspector.element);
  drawAll();
}

/**
 * @param {{kind: string}} asked
 * @param {() => void} apply
 */
function kindChoice(asked, apply) {
  const take = (/** @type {Event} */ event) => {
    asked.kind = /** @type {HTMLSelectElement} */ (event.target).value;
    apply();
  };
  const option = (/** @type {string} */ kind) =>
    h("option", { value: kind, selected: kind === asked.kind }, kind ? t(`kind.${kind}`) : t("sensors.kind_all"));
  return h(
    "select",
    { id: "sensor-kind", "aria-label": t("sensors.kind"), onchange: take },
    ["", ...KINDS].map(option),
  );
}

/**
 * @param {{conditions: Set<string>}} asked
 * @param {() => void} apply
 */
function conditionChoice(asked, apply) {
  const button = (/** @type {string} */ condition) =>
    h(
      "button",
      {
        id: `condition-${condition}`,
        type: "button",
        class: "chip",
        "aria-pressed": asked.conditions.has(condition),
        onclick: (/** @type {MouseEvent} */ event) => {
          const pressed = !asked.conditions.delete(condition);
          if (pressed) asked.conditions.add(condition);
          /** @type {HTMLElement} */ (event.currentTarget).setAttribute("aria-pressed", String(pressed));
          apply();
        },
      },
      conditionShape(condition),
      t(`condition.${condition}`),
      h("b", { "data-condition": condition }, count(root.counts[condition])),
    );
  return h("div", { class: "chips", role: "group", "aria-label": t("sensors.conditions") }, CONDITIONS.map(button));
}

/** @param {HTMLElement} filters */
function updateCounts(filters) {
  for (const element of filters.querySelectorAll("[data-condition]")) {
    element.textContent = count(root.counts[element.getAttribute("data-condition") ?? ""]);
  }
}

/**
 * Ids of the sensors asked for and of every place above them. Words are looked for in ids, groups and both names of places.
 * @param {{words: string, kind: string, conditions: Set<string>}} asked
 */
function matching(asked) {
  /** @type {Set<string>} */
  const ids = new Set();
  /** @type {(at: TreeNode, above: string) => boolean} */
  const visit = (at, above) => {
    const text = `${above} ${at.name ? `${at.name.zh} ${at.name.en}` : ""} ${at.sensor ? wordsOf(at.sensor) : ""}`;
    const found = at.sensor
      ? fits(at, text.toLowerCase(), asked)
      : at.children.map((child) => visit(child, text)).some(Boolean);
    if (found) ids.add(at.id);
    return found;
  };
  visit(root, "");
  return ids;
}

/** @param {import("../types").Sensor} sensor */
function wordsOf(sensor) {
  return `${sensor.id} ${sensor.group} ${sensor.gas ?? ""}`;
}

/**
 * @param {TreeNode} leaf
 * @param {string} text
 * @param {{words: string, kind: string, conditions: Set<string>}} asked
 */
function fits(leaf, text, { words, kind, conditions }) {
  const condition = leaf.state?.[1] ?? "waiting";
  return (
    (!kind || leaf.sensor?.kind === kind) &&
    (!conditions.size || conditions.has(condition)) &&
    words.split(/\s+/).every((word) => text.includes(word))
  );
}
