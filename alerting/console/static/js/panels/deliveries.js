// @ts-check
// Deliveries of all warnings: a table of channels and states, and the latest ones with their reasons.
import { h, keyedList, replace } from "../dom.js";
import { count } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { store, watch } from "../store.js";
import { GROUPS } from "./card_deliveries.js";
import { deliveryRow } from "./delivery_row.js";

/** @param {HTMLElement} panel */
export function deliveryPanel(panel) {
  const head = h("div", { class: "panel-head" });
  const table = h("div", { class: "table-place" });
  const list = h("ul", { class: "latest" });
  const body = h("div", { class: "panel-body", tabindex: 0, role: "group", "aria-labelledby": "deliveries-title" }, table, list);
  panel.append(head, body);
  const rows = keyedList(list, keyOf, deliveryRow);

  const draw = () => {
    const { counts, latest } = store.deliveries;
    const total = counts.reduce((all, one) => all + one.count, 0);
    replace(head, h("h2", { id: "deliveries-title" }, t("deliveries.title")), h("span", { class: "aside" }, count(total)));
    replace(table, counts.length ? countTable(counts) : h("p", { class: "hint" }, t("deliveries.none")));
    list.setAttribute("aria-label", t("deliveries.latest"));
    rows.show(latest);
  };
  const drawAll = () => {
    rows.forget();
    draw();
  };
  watch(["deliveries"], draw);
  watch(["process"], drawAll);
  onLanguage(drawAll);
  drawAll();
}

/** @param {import("../types").Delivery} delivery */
function keyOf(delivery) {
  return delivery.id;
}

/** Only the states that occur have a column. @param {import("../types").ChannelCount[]} counts */
function countTable(counts) {
  const states = GROUPS.flatMap(([group, all]) => all.map((state) => ({ group, state }))).filter(({ state }) => counts.some((one) => one.state === state));
  const channels = [...new Set(counts.map((one) => one.channel))];
  const cell = (/** @type {string} */ channel, /** @type {string} */ state) => counts.find((one) => one.channel === channel && one.state === state)?.count ?? 0;
  return h(
    "table",
    { class: "grid" },
    h("caption", { class: "unseen" }, t("deliveries.counts")),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("deliveries.channel")), states.map(({ state }) => h("th", { scope: "col" }, t(`state.${state}`))))),
    h("tbody", {}, channels.map((channel) => h("tr", {}, h("th", { scope: "row" }, channel), states.map(({ group, state }) => number(cell(channel, state), group))))),
  );
}

/** @param {number} n @param {string} group */
function number(n, group) {
  return n ? h("td", { class: group }, count(n)) : h("td", { class: "zero" }, "·");
}
