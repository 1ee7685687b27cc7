// @ts-check
// What the duty desk lists: reports that wait, calls, silences, who is on duty.
import { ask } from "../duty.js";
import { h } from "../dom.js";
import { dayTime } from "../format.js";
import { ownText, t } from "../i18n.js";
import { levelMark } from "../marks.js";
import { store } from "../store.js";

/** @typedef {(act: () => Promise<unknown>) => void} Do */

export const LEVELS = ["none", "blue", "yellow", "orange", "red"];

/** @param {any[]} rows @param {Do} act */
export function releaseList(rows, act) {
  if (!rows.length) return h("p", { class: "hint" }, t("duty.no_releases"));
  return h("div", {}, allClears(rows, act), h("ul", { class: "releases" }, rows.map((row) => releaseRow(row, act))));
}

/** One press for all areas of a warning where several wait to hear that it is over. @param {any[]} rows @param {Do} act */
function allClears(rows, act) {
  const ends = rows.filter(({ request }) => request.all_clear);
  const several = [...new Set(ends.map(({ warning }) => warning))]
    .map((warning) => ({ warning, of: ends.filter((row) => row.warning === warning) }))
    .filter(({ of }) => of.length > 1);
  return several.map(({ warning, of }) =>
    h(
      "div",
      { class: "acts all-clears" },
      h("span", {}, t("duty.all_clears", { n: of.length, hazard: t(`hazard.${of[0].report.hazard}`) })),
      button("approve-all", "duty.approve_all", () => act(() => ask("POST", `/chains/${warning}/approve`))),
    ),
  );
}

/** @param {any} row @param {Do} act */
function releaseRow({ request, report }, act) {
  const path = `/releases/${request.warning}/${request.audience}`;
  const reason = reasonField(`reason-${request.warning}-${request.audience}`);
  const why = () => ({ reason: reason.value });
  const told = [
    t("duty.rule", { rule: request.rule, done: request.approvals.length, needed: request.persons }),
    ...(request.due_at ? [t("duty.goes_out", { at: at(request.due_at) })] : []),
    t("duty.expires", { at: at(request.expires_at) }),
  ];
  return h(
    "li",
    {},
    h("p", {}, mark(request.level), " ", h("strong", {}, headline(report)), ` · ${t(`audience.${request.audience}`)}`),
    h("p", { class: "said" }, description(report)),
    h("p", { class: "hint" }, told.join(" · ")),
    h(
      "div",
      { class: "acts" },
      button("approve", "duty.approve", () => act(() => ask("POST", `${path}/approve`))),
      h("label", {}, t("duty.reason"), reason),
      request.mode === "objection"
        ? button("object", "duty.object", () => act(() => ask("POST", `${path}/object`, why())))
        : null,
      button("refuse", "duty.refuse", () => act(() => ask("POST", `${path}/refuse`, why()))),
    ),
  );
}

/** @param {any[]} rows @param {Do} act */
export function callList(rows, act) {
  if (!rows.length) return h("p", { class: "hint" }, t("duty.no_calls"));
  const one = (/** @type {any} */ { call, silent }) => {
    const take = () => act(() => ask("POST", `/calls/${call.id}/answer`));
    return h(
      "li",
      {},
      h("p", {}, mark(call.level), ` ${t(`call_on.${call.on}`)} · ${at(call.begun_at)}`),
      silent.length ? h("p", { class: "hint" }, t("duty.silent", { people: silent.join(", ") })) : null,
      h("div", { class: "acts" }, button("answer", "duty.answer", take)),
    );
  };
  return h("ul", { class: "calls" }, rows.map(one));
}

/** @param {any[]} rows @param {Do} act */
export function silenceList(rows, act) {
  const one = (/** @type {any} */ { silence, hid, red }) => {
    const said = [silence.reason, silence.by, t("duty.until", { at: at(silence.ends_at) })].join(" · ");
    const end = () => act(() => ask("POST", `/silences/${silence.id}/end`));
    return h(
      "li",
      { class: red ? "hides-red" : "" },
      h("p", {}, mark(silence.max_level), ` ${said}`),
      hid.length ? h("p", { class: red ? "refused" : "hint" }, t("duty.hid", { n: hid.length, red })) : null,
      h("div", { class: "acts" }, button("end", "duty.end", end)),
    );
  };
  const none = h("p", { class: "hint" }, t("duty.no_silences"));
  const list = rows.length ? h("ul", { class: "silences" }, rows.map(one)) : none;
  return h("div", {}, list, silenceForm(act));
}

/** @param {Do} act */
function silenceForm(act) {
  const reason = reasonField("silence-reason");
  const area = field("silence-area", { type: "text", pattern: "[1-9][0-9]{0,11}" });
  const minutes = field("silence-minutes", { type: "number", min: 1, max: 10080, value: 60 });
  const red = field("silence-red", { type: "checkbox" });
  const set = (/** @type {Event} */ event) => {
    event.preventDefault();
    const now = store.pulse ? Date.parse(store.pulse.now_at) : Date.now();
    const body = {
      reason: reason.value,
      areas: area.value ? [area.value] : [],
      max_level: red.checked ? "red" : "orange",
      ends_at: new Date(now + Number(minutes.value) * 60_000).toISOString(),
    };
    act(() => ask("POST", "/silences", body));
  };
  return h(
    "form",
    { class: "new-silence", onsubmit: set },
    h("label", {}, t("duty.reason"), reason),
    h("label", {}, t("duty.silence_area"), area),
    h("label", {}, t("duty.silence_minutes"), minutes),
    h("label", { class: "inline" }, red, t("duty.silence_red")),
    h("button", { type: "submit", class: "do-silence" }, t("duty.silence_set")),
  );
}

/** @param {{name: string, on_duty: string[]}[]} rosters */
export function rosterLine(rosters) {
  if (!rosters.length) return null;
  const words = rosters.map((one) => `${one.name}: ${one.on_duty.join(", ") || t("duty.nobody")}`);
  return h("span", { class: "hint" }, `${t("duty.on_duty")} · ${words.join(" · ")}`);
}

/** @param {string} name @param {string} words @param {() => void} onclick */
export function button(name, words, onclick) {
  return h("button", { type: "button", class: `do-${name}`, onclick }, t(words));
}

/** @param {string} id */
function reasonField(id) {
  return field(id, { type: "text", maxlength: 500 });
}

/** @param {string} id @param {Record<string, any>} attributes */
export function field(id, attributes) {
  return /** @type {HTMLInputElement} */ (h("input", { id, ...attributes }));
}

/** @param {string} id @param {string[][]} options value and words of each */
export function choice(id, options) {
  const made = h("select", { id }, options.map(([value, words]) => h("option", { value }, words)));
  return /** @type {HTMLSelectElement} */ (made);
}

/** @param {string} word */
function mark(word) {
  return levelMark(LEVELS.indexOf(word));
}

/** @param {any} report */
export function headline(report) {
  return ownText(report.texts)?.headline ?? report.id;
}

/** Where it is, and what is known: what is decided on. @param {any} report */
export function description(report) {
  return ownText(report.texts)?.description ?? "";
}

/** @param {string} instant */
function at(instant) {
  return dayTime(Date.parse(instant));
}
