// @ts-check
// One message to one target.
import { h } from "../dom.js";
import { clockTime } from "../format.js";
import { named, t } from "../i18n.js";
import { icon, levelShape } from "../marks.js";

/** @type {Record<string, string>} */
const STATE_ICONS = { failed: "fault", expired: "fault", queued: "waiting", accepted: "good" };

/** @param {import("../types").Delivery} delivery */
export function deliveryRow(delivery) {
  const tries = delivery.attempts > 1 && h("span", { class: "tries" }, t("deliveries.tries", { n: delivery.attempts }));
  const about = `${t(`hazard.${delivery.hazard}`)} · ${named(delivery.area)} · ${t("deliveries.report", { n: delivery.report })}`;
  return h(
    "li",
    { class: `delivery ${delivery.state}` },
    h("time", { datetime: delivery.at }, clockTime(delivery.at)),
    h("span", { class: "to" }, `${delivery.channel} → ${delivery.target}`),
    stateMark(delivery.state),
    h("span", { class: "about" }, levelShape(delivery.level), about),
    (delivery.reason || tries) && h("span", { class: "reason" }, delivery.reason, tries),
  );
}

/** @param {string} state */
export function stateMark(state) {
  return h("span", { class: `state ${state}` }, icon(STATE_ICONS[state] ?? "check"), t(`state.${state}`));
}
