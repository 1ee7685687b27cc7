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

/** How many were reached, and how many never will be. @param {ChannelCount[]} counts */
export function deliveryCounts(counts) {
  if (!counts.length) return h("span", { class: "counts" }, t("card.none_sent"));
  const [reached, , , lost] = GROUPS.map(([, states]) => sumOf(counts, states));
  const total = counts.reduce((all, one) => all + one.count, 0);
  const words = t("card.reached", { n: count(reached), total: count(total) });
  return h(
    "span",
    { class: "counts" },
    h("span", { class: "count reached" }, h("b", {}, words)),
    countPart("lost", t("card.lost"), lost),
  );
}

/** @param {string} group @param {string} words @param {number} n */
function countPart(group, words, n) {
  return n > 0 && h("span", { class: `count ${group}` }, h("b", {}, count(n)), ` ${words}`);
}

/** @param {ChannelCount[]} counts */
export function channelBars(counts) {
  const channels = [...new Set(counts.map((one) => one.channel))];
  return h(
    "ul",
    { class: "channels" },
    channels.map((channel) =>
      channelRow(
        channel,
        counts.filter((one) => one.channel === channel),
      ),
    ),
  );
}

/** @param {string} channel @param {ChannelCount[]} counts */
function channelRow(channel, counts) {
  const total = counts.reduce((all, one) => all + one.count, 0);
  const exact = GROUPS.flatMap(([group, states]) =>
    states.map((state) => countPart(group, t(`state.${state}`), sumOf(counts, [state]))),
  );
  const bar = h("span", { class: "stack", "aria-hidden": "true" });
  for (const [group, states] of GROUPS) {
    const n = sumOf(counts, states);
    if (!n) continue;
    const part = h("span", { class: group });
    part.style.flexGrow = String(n / total);
    bar.append(part);
  }
  return h("li", {}, h("span", { class: "channel" }, channel), bar, h("span", { class: "counts" }, exact));
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

/** @param {ChannelCount[]} counts @param {readonly string[]} states */
function sumOf(counts, states) {
  return counts.reduce((all, one) => all + (states.includes(one.state) ? one.count : 0), 0);
}
