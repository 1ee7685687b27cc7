// @ts-check
// The way from evidence to onset, with what each step took; the last stretch is the lead time.
import { everySecond } from "../clock.js";
import { h } from "../dom.js";
import { between, clockTime, shortTime, span } from "../format.js";
import { t } from "../i18n.js";

/** @param {import("../types").Lead} lead */
export function leadPath(lead) {
  const steps = [
    { key: "evidence", at: lead.first_evidence_at },
    { key: "decided", at: lead.decided_at },
    { key: "issued", at: lead.issued_at },
    { key: "delivered", at: lead.first_delivery_at },
  ];
  const items = steps.map((step, place) => stepItem(step.key, step.at, between(steps[place - 1]?.at, step.at)));
  return h("ol", { class: "path" }, items, onsetItem(lead));
}

/** @param {string} key @param {string | null} at @param {number | null} took_s since the step before */
function stepItem(key, at, took_s) {
  return h(
    "li",
    { class: at ? "done" : "open" },
    h("span", { class: "took" }, took_s === null ? "" : `+${span(Math.max(0, took_s))}`),
    h("span", { class: "label" }, t(`step.${key}`)),
    at ? h("time", { datetime: at }, clockTime(at)) : h("span", {}, t("step.pending")),
  );
}

/** @param {import("../types").Lead} lead */
function onsetItem(lead) {
  const at = lead.onset_observed_at ?? lead.expected_onset_at;
  const key = lead.onset_observed_at ? "observed" : at ? "onset" : "no_onset";
  const lead_s = between(lead.first_delivery_at, at);
  const item = h(
    "li",
    { class: `onset ${at ? "known" : "open"}` },
    h("span", { class: "took" }, lead_s !== null && lead_s > 0 ? span(lead_s) : ""),
    h("span", { class: "label" }, t(`step.${key}`)),
    at ? h("time", { datetime: at }, shortTime(at)) : h("span", {}, t("step.present")),
  );
  if (!at || !lead.first_delivery_at) return item;
  const from = Date.parse(lead.first_delivery_at);
  const whole = Date.parse(at) - from || 1;
  return everySecond(item, (now) =>
    item.style.setProperty("--spent", String(Math.min(1, Math.max(0, (now - from) / whole)))),
  );
}
