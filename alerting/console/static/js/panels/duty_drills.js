// @ts-check
// Drills: starting one, what became of it, what the latest showed.
import { ask, download } from "../duty.js";
import { h } from "../dom.js";
import { dayTime } from "../format.js";
import { t } from "../i18n.js";
import { button, choice } from "./duty_lists.js";

/** @typedef {import("./duty_lists.js").Do} Do */

const SHOWN = 5;
const MODES = ["tabletop", "live"];

/** @param {any[]} rows @param {{scenarios: string[], begun: any[]}} held @param {Do} act */
export function drillList(rows, held, act) {
  const evaluated = (/** @type {any} */ row) => {
    const words = [
      row.scenario,
      t(`drill.${row.mode}`),
      dayTime(row.begun_at),
      t("duty.drill_found", { n: row.chains.length, missed: row.missed.length }),
    ];
    const keep = () => act(() => download(`/drills/${row.id}.html`, `${row.scenario}.html`));
    return h("li", {}, h("span", {}, words.join(" · ")), button("drill-page", "duty.drill_page", keep));
  };
  const begun = (/** @type {any} */ row) => {
    const words = [row.scenario, t(`drill.${row.mode}`), row.by, t(`drill.${row.state}`), row.words].filter(Boolean);
    return h("li", { class: ["refused", "broken"].includes(row.state) ? "refused" : "hint" }, words.join(" · "));
  };
  const unfinished = held.begun.filter((row) => row.state !== "ended").slice(0, SHOWN);
  return h(
    "div",
    {},
    rows.length
      ? h("ul", { class: "drills" }, rows.slice(0, SHOWN).map(evaluated))
      : h("p", { class: "hint" }, t("duty.no_drills")),
    unfinished.length ? h("ul", { class: "begun" }, unfinished.map(begun)) : null,
    held.scenarios.length ? drillForm(held.scenarios, act) : null,
  );
}

/** @param {string[]} scenarios @param {Do} act */
function drillForm(scenarios, act) {
  const scenario = choice("drill-scenario", scenarios.map((name) => [name, name]));
  const mode = choice("drill-mode", MODES.map((name) => [name, t(`drill.${name}`)]));
  const start = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(() => ask("POST", "/drills", { scenario: scenario.value, mode: mode.value }));
  };
  return h(
    "form",
    { class: "new-drill", onsubmit: start },
    h("label", {}, t("duty.drill_scenario"), scenario, mode),
    h("button", { type: "submit", class: "do-drill" }, t("duty.drill_start")),
  );
}
