// @ts-check
// Deliveries of all warnings: how each channel stands, and the latest ones with their reasons.
import { h, keyedList, replace } from "../dom.js";
import { count } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { store, watch } from "../store.js";
import { channelBars } from "./card_deliveries.js";
import { deliveryRow } from "./delivery_row.js";

/** @param {HTMLElement} panel */
export function deliveryPanel(panel) {
  const head = h("div", { class: "panel-head" });
  const channels = h("div", { class: "by-channel" });
  const list = h("ul", { class: "latest" });
  const body = h(
    "div",
    { class: "panel-body", tabindex: 0, role: "group", "aria-labelledby": "deliveries-title" },
    channels,
    list,
  );
  panel.append(head, body);
  const rows = keyedList(list, keyOf, deliveryRow);

  const draw = () => {
    const { counts, latest } = store.deliveries;
    const total = counts.reduce((all, one) => all + one.count, 0);
    replace(
      head,
      h("h2", { id: "deliveries-title" }, t("deliveries.title")),
      h("span", { class: "aside" }, count(total)),
    );
    replace(channels, counts.length ? channelBars(counts) : h("p", { class: "hint" }, t("deliveries.none")));
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
