// @ts-check
// The clock of a card: how long until the hazard is expected, or how long since its first evidence.
import { everySecond } from "../clock.js";
import { h } from "../dom.js";
import { between, digits, shortTime, span } from "../format.js";
import { t } from "../i18n.js";

/** @typedef {import("../types").Lead} Lead */

/** @param {import("../types").Warning} card */
export function leadClock({ lead }) {
  const label = h("span", { class: "label" });
  const time = h("span", { class: "digits", role: "timer" });
  const clock = h(
    "div",
    { class: "clock" },
    label,
    time,
    h("span", { class: "under" }, interval(lead)),
    h("span", { class: "under gained" }, gained(lead)),
  );
  return everySecond(clock, (now) => {
    const onset = lead.onset_observed_at ?? lead.expected_onset_at;
    const left = onset ? (Date.parse(onset) - now) / 1_000 : null;
    const since = (now - Date.parse(lead.first_evidence_at)) / 1_000;
    label.textContent = t(`clock.${left === null ? "since_evidence" : left > 0 ? "to_onset" : past(lead)}`);
    time.textContent = digits(left === null ? since : Math.abs(left));
    clock.classList.toggle("past", left !== null && left <= 0);
    clock.classList.toggle("since", left === null);
  });
}

/** @param {Lead} lead */
function past(lead) {
  return lead.onset_observed_at ? "since_onset" : "past_onset";
}

/** When the hazard set in, or is expected to. @param {Lead} lead */
function interval(lead) {
  if (lead.onset_observed_at) return t("clock.observed_at", { time: shortTime(lead.onset_observed_at) });
  const { expected_onset_earliest_at: from, expected_onset_latest_at: to, expected_onset_at: at } = lead;
  const [first, last] = [from && shortTime(from), to && shortTime(to)];
  if (first && last && first !== last) return t("clock.between", { from: first, to: last });
  return at ? t("clock.expected_at", { time: shortTime(at) }) : "";
}

/** What the first delivery was worth: the time it left, or how fast it was. @param {Lead} lead */
function gained(lead) {
  const lead_s = between(lead.first_delivery_at, lead.onset_observed_at ?? lead.expected_onset_at);
  if (lead_s !== null && lead_s > 0) return t("clock.gained", { span: span(lead_s) });
  const spent = between(lead.first_evidence_at, lead.first_delivery_at);
  return spent === null ? "" : t("clock.spent", { span: span(spent) });
}
