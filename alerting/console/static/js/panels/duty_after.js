// @ts-check
// What warnings leave behind: items of work, what was seen to set in, the report of a month, what drills showed.
import { ask, download } from "../duty.js";
import { h, replace } from "../dom.js";
import { dayTime, month as monthOf, percent, span } from "../format.js";
import { t } from "../i18n.js";
import { store } from "../store.js";
import { button, choice, field } from "./duty_lists.js";

/** @typedef {import("./duty_lists.js").Do} Do */

const HAZARDS = [
  "gas_leak", "tank_overfill", "tank_leak", "rainstorm", "ground_movement", "fire", "forest_fire", "fire_danger",
];
const DEEDS = { open: ["answer", "withdraw"], answered: ["verify", "return", "withdraw"] };

/** @param {any[]} rows @param {Do} act */
export function itemList(rows, act) {
  if (!rows.length) return h("p", { class: "hint" }, t("duty.no_items"));
  return h("ul", { class: "items" }, rows.map((row) => itemRow(row, act)));
}

/** @param {any} row @param {Do} act */
function itemRow(row, act) {
  const words = field(`words-${row.id}`, { type: "text", maxlength: 500 });
  const last = row.steps[row.steps.length - 1];
  const told = [t(`item.${row.state}`), row.assignee, t("duty.item_due", { at: dayTime(row.due_at) })];
  const deeds = DEEDS[/** @type {keyof typeof DEEDS} */ (row.state)] ?? [];
  const press = (/** @type {string} */ deed) =>
    act(() => ask("POST", `/tasks/${row.id}/${deed}`, { words: words.value }));
  return h(
    "li",
    { "data-item": row.id },
    h("p", {}, h("strong", {}, row.title), ` · ${told.join(" · ")}`),
    last?.words ? h("p", { class: "hint" }, `${last.by}: ${last.words}`) : null,
    h(
      "div",
      { class: "acts" },
      h("label", {}, t("duty.words"), words),
      deeds.map((deed) => button(`item-${deed}`, `item.do_${deed}`, () => press(deed))),
    ),
  );
}

/** @param {any[]} rows @param {Do} act */
export function onsetList(rows, act) {
  const one = (/** @type {any} */ row) =>
    h(
      "li",
      {},
      h("span", {}, `${t(`hazard.${row.hazard}`)} · ${row.area} · ${dayTime(row.at)}`),
      button("take-back", "duty.take_back", () => act(() => ask("POST", "/onsets/take-back", row))),
    );
  const list = rows.length
    ? h("ul", { class: "onsets" }, rows.slice(-10).map(one))
    : h("p", { class: "hint" }, t("duty.no_onsets"));
  return h("div", {}, list, onsetForm(act));
}

/** @param {Do} act */
function onsetForm(act) {
  const hazard = choice("onset-hazard", HAZARDS.map((name) => [name, t(`hazard.${name}`)]));
  const area = field("onset-area", { type: "text", pattern: "[1-9][0-9]{11}", required: true });
  const ago = field("onset-ago", { type: "number", min: 0, max: 10080, value: 0 });
  const enter = (/** @type {Event} */ event) => {
    event.preventDefault();
    const now = store.pulse ? Date.parse(store.pulse.now_at) : Date.now();
    const before = Number(ago.value);
    const at = before ? { at: new Date(now - before * 60_000).toISOString() } : {};
    act(() => ask("POST", "/onsets", { hazard: hazard.value, area: area.value, ...at }));
  };
  return h(
    "form",
    { class: "new-onset", onsubmit: enter },
    h("label", {}, t("duty.onset_hazard"), hazard),
    h("label", {}, t("duty.onset_area"), area),
    h("label", {}, t("duty.onset_ago"), ago),
    h("button", { type: "submit", class: "do-onset" }, t("duty.onset_enter")),
  );
}

/** What was asked for last, and where it is shown: it stays while the desk is drawn anew. */
const asked = { month: "", shown: /** @type {any} */ (null), place: h("div") };

/** The report of a month: its figures here, the whole of it as a file. */
export function monthReport() {
  asked.month ||= monthOf(store.pulse ? store.pulse.now_at : Date.now());
  asked.place = h("div", { class: "month-figures" });
  const draw = () => replace(asked.place, asked.shown ? figures(asked.shown) : null);
  const month = field("report-month", {
    type: "month",
    value: asked.month,
    required: true,
    onchange: () => Object.assign(asked, { month: month.value, shown: null }),
  });
  const told = (/** @type {() => Promise<unknown>} */ work) => async () => {
    try {
      await work();
    } catch (error) {
      replace(asked.place, h("p", { class: "refused" }, String(/** @type {Error} */ (error).message)));
    }
  };
  const look = told(async () => {
    asked.shown = await ask("GET", `/reports/${month.value}`);
    draw();
  });
  const keep = (/** @type {string} */ kind) =>
    told(() => download(`/reports/${month.value}.${kind}`, `${month.value}.${kind}`));
  draw();
  return h(
    "div",
    { class: "month-report" },
    h(
      "div",
      { class: "acts" },
      h("label", {}, t("duty.month"), month),
      button("report", "duty.report_look", look),
      button("report-html", "duty.report_page", keep("html")),
      button("report-csv", "duty.report_table", keep("csv")),
    ),
    asked.place,
  );
}

/** @param {any} report */
function figures({ total, all_leads }) {
  const lead = all_leads.median_s === null ? "—" : span(all_leads.median_s);
  const share = (/** @type {number | null} */ part) => (part === null ? "—" : percent(part));
  return h(
    "p",
    {},
    t("duty.month_counts", {
      hits: total.hits,
      late: total.late,
      misses: total.misses,
      near: total.near_hits,
      alarms: total.false_alarms,
    }),
    ` · POD ${share(total.pod)} · FAR ${share(total.far)} · CSI ${share(total.csi)} · `,
    t("duty.month_lead", { lead }),
  );
}
