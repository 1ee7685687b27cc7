// @ts-check
// How the deliveries of a card stand: in one line, by channel as bars, and one by one on request.
import { h, replace } from "../dom.js";
import { count } from "../format.js";
import { t } from "../i18n.js";
import { deliveryRow } from "./delivery_row.js";

/** @typedef {import("../types").ChannelCount} ChannelCount */

/** States by what they mean to the reader, best first. */
export const GROUPS = /** @type {const} */ ([
  ["reached", ["acknowledged", "read", "played", "delivered"]],
  ["accepted", ["accepted"]],
  ["waiting", ["queued"]],
  ["lost", ["failed", "expired"]],
]);

/** @param {ChannelCount[]} counts */
export function deliveryCounts(counts) {
  const shown = GROUPS.flatMap(([group, states]) => states.map((state) => ({ group, state, n: sum(counts, state) })));
  const parts = shown.filter(({ n }) => n).map(({ group, state, n }) => h("span", { class: `count ${group}` }, h("b", {}, count(n)), ` ${t(`state.${state}`)}`));
  return h("span", { class: "counts" }, parts.length ? parts : t("card.none_sent"));
}

/** @param {ChannelCount[]} counts */
export function channelBars(counts) {
  const channels = [...new Set(counts.map((one) => one.channel))];
  return h("ul", { class: "channels" }, channels.map((channel) => channelRow(channel, counts.filter((one) => one.channel === channel))));
}

/** @param {string} channel @param {ChannelCount[]} counts */
function channelRow(channel, counts) {
  const total = counts.reduce((all, one) => all + one.count, 0);
  const bar = h("span", { class: "stack", "aria-hidden": "true" });
  for (const [group, states] of GROUPS) {
    const n = states.reduce((all, state) => all + sum(counts, state), 0);
    if (!n) continue;
    const part = h("span", { class: group });
    part.style.flexGrow = String(n / total);
    bar.append(part);
  }
  return h("li", {}, h("span", { class: "channel" }, channel), bar, deliveryCounts(counts));
}

/** A button that gives way to the list of single deliveries. @param {string} chain */
export function eachDelivery(chain) {
  const place = h("div", { class: "each" });
  const button = h("button", { type: "button", class: "quiet-button" }, t("card.deliveries_more"));
  button.addEventListener("click", async () => {
    const answer = await fetch(`/api/warnings/${encodeURIComponent(chain)}`);
    if (answer.ok) replace(place, h("ul", { class: "latest" }, (await answer.json()).deliveries.map(deliveryRow)));
  });
  place.append(button);
  return place;
}

/** @param {ChannelCount[]} counts @param {string} state */
function sum(counts, state) {
  return counts.reduce((all, one) => all + (one.state === state ? one.count : 0), 0);
}
