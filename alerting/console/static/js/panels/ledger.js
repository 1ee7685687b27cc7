// @ts-check
// The lead-time ledger: how early each hazard was told of, misses included.
import { h, replace } from "../dom.js";
import { between, clockTime, dayTime, percent, shortTime, span } from "../format.js";
import { named, onLanguage, t } from "../i18n.js";
import { icon, levelShape } from "../marks.js";
import { store, watch } from "../store.js";

/** @typedef {import("../types").LedgerRow} Row */

const GOAL_S = 3_600;
const STEPS = /** @type {const} */ ([
  ["detected", "detected_at"],
  ["decided", "decided_at"],
  ["issued", "issued_at"],
  ["first", "first_delivery_at"],
  ["half", "p50_at"],
  ["most", "p95_at"],
  ["acknowledged", "acknowledged_at"],
]);

/** @param {HTMLElement} panel */
export function ledgerPanel(panel) {
  const draw = () => {
    const title = h("h2", { id: "ledger-title" }, t("ledger.title"));
    const summary = h("span", { class: "aside" }, summed(store.ledger));
    const body = store.ledger.length ? table(store.ledger) : h("p", { class: "hint" }, t("ledger.none"));
    replace(
      panel,
      h("div", { class: "panel-head" }, title, summary),
      h("div", { class: "panel-body", tabindex: 0, role: "group", "aria-labelledby": "ledger-title" }, body),
    );
  };
  watch(["ledger", "process"], draw);
  onLanguage(draw);
  draw();
}

/** @param {Row[]} rows */
function summed(rows) {
  const leads = rows.flatMap((row) => (row.channel || row.lead_s === null ? [] : [row.lead_s])).sort((a, b) => a - b);
  if (!leads.length) return "";
  const middle = leads.length / 2;
  const median = (leads[Math.ceil(middle) - 1] + leads[Math.floor(middle)]) / 2;
  const share = percent(leads.filter((lead) => lead >= GOAL_S).length / leads.length);
  const missed = rows.filter((row) => row.missed && !row.channel).length;
  return t("ledger.summary", { median: span(median), share, missed });
}

/** @param {Row[]} rows */
function table(rows) {
  const channels = rows.some((row) => row.channel);
  const keys = [
    "hazard",
    "area",
    ...(channels ? ["channel"] : []),
    "lead",
    "onset",
    "evidence",
    ...STEPS.map(([key]) => key),
  ];
  return h(
    "table",
    { class: "grid wide" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        keys.map((key) => h("th", { scope: "col", class: `col-${key}` }, t(`ledger.${key}`))),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map((row) => line(row, channels)),
    ),
  );
}

/** Steps are told as the time since the evidence. @param {Row} row @param {boolean} channels whether any row is about one */
function line(row, channels) {
  const since = (/** @type {string | null} */ at) => {
    const taken = between(row.evidence_at, at);
    return h("td", { title: at ? clockTime(at) : null }, taken === null ? "–" : `+${span(Math.max(0, taken))}`);
  };
  return h(
    "tr",
    { class: row.missed ? "missed" : "" },
    h("th", { scope: "row" }, levelShape(row.level), icon(row.hazard, "kind"), t(`hazard.${row.hazard}`)),
    h("td", { class: "text" }, named(row.area)),
    channels && h("td", { class: "text" }, row.channel || t("ledger.all_channels")),
    h("td", { class: "lead" }, lead(row)),
    h("td", {}, onset(row)),
    h("td", {}, dayTime(row.evidence_at)),
    STEPS.map(([, field]) => since(row[field])),
  );
}

/** @param {Row} row */
function onset(row) {
  if (row.onset_observed_at) return shortTime(row.onset_observed_at);
  return row.onset_expected_at
    ? h("span", { title: t("ledger.expected") }, `≈ ${shortTime(row.onset_expected_at)}`)
    : "–";
}

/** @param {Row} row */
function lead(row) {
  if (row.missed) return h("b", { class: "missed" }, `0 · ${t("ledger.missed")}`);
  if (row.lead_s === null) return "–";
  return h("b", { class: row.lead_s >= GOAL_S ? "reached" : "" }, span(row.lead_s));
}
