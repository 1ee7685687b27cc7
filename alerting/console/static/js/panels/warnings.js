// @ts-check
// Warnings in force, worst first; those for maintenance below them; those that ended lately at the end.
import { h, keyedList, replace } from "../dom.js";
import { count, dayTime } from "../format.js";
import { named, onLanguage, t } from "../i18n.js";
import { icon, levelMark } from "../marks.js";
import { store, watch } from "../store.js";
import { headline } from "./announcer.js";
import { cardOf } from "./card.js";

/** @typedef {import("../types").Warning} Warning */

const TALL = "(min-height: 1000px)";

/** @param {HTMLElement} panel */
export function warningPanel(panel) {
  const head = h("div", { class: "panel-head" });
  const cards = h("div", { class: "cards" });
  const quiet = h("div", { class: "quiet" });
  const upkeep = h("div", { class: "cards" });
  const upkeepHead = h("h3", { class: "divider" });
  const ended = h("section", { class: "ended", "aria-labelledby": "ended-title" });
  const body = h("div", { class: "panel-body", tabindex: 0, role: "group", "aria-labelledby": "warnings-title" });
  body.append(cards, quiet, upkeepHead, upkeep, ended);
  panel.append(head, body);
  const inForce = keyedList(cards, chainOf, (/** @type {Warning} */ card) => cardOf(card, opensByItself(card)));
  const forUpkeep = keyedList(upkeep, chainOf, (/** @type {Warning} */ card) => cardOf(card, false));

  function draw() {
    const all = [...store.warnings.values()].sort(worstFirst);
    const publicOnes = all.filter((card) => !card.maintenance);
    const upkeepOnes = all.filter((card) => card.maintenance);
    replace(
      head,
      h("h2", { id: "warnings-title" }, t("warnings.title")),
      h("span", { class: "aside" }, count(publicOnes.length)),
    );
    inForce.show(publicOnes);
    forUpkeep.show(upkeepOnes);
    upkeepHead.textContent = t("warnings.maintenance");
    upkeepHead.hidden = !upkeepOnes.length;
    quiet.hidden = publicOnes.length > 0;
    replace(quiet, icon("check"), h("p", {}, t("warnings.none")), h("p", { class: "hint" }, t("warnings.none_hint")));
  }

  function drawEnded() {
    ended.hidden = !store.ended.length;
    const list = h("ul", {}, store.ended.map(endedOne));
    replace(ended, h("h3", { class: "divider", id: "ended-title" }, t("warnings.ended")), list);
  }

  watch(["warnings"], draw);
  watch(["ended"], drawEnded);
  watch(["process"], drawAll);
  onLanguage(drawAll);

  function drawAll() {
    inForce.forget();
    forUpkeep.forget();
    draw();
    drawEnded();
  }
  drawAll();
}

/** @param {Warning} card */
function chainOf(card) {
  return card.chain;
}

/** The worst warning shows all it has where there is room, until the reader decides otherwise. @param {Warning} card */
function opensByItself(card) {
  const publicOnes = [...store.warnings.values()].filter((one) => !one.maintenance).sort(worstFirst);
  return publicOnes[0] === card && (publicOnes.length === 1 || matchMedia(TALL).matches);
}

/** @param {Warning} a @param {Warning} b */
function worstFirst(a, b) {
  return b.level - a.level || b.reports[0].decided_at.localeCompare(a.reports[0].decided_at);
}

/** @param {Warning} card */
function endedOne(card) {
  const area = card.area_path.at(-1);
  return h(
    "li",
    {},
    icon(card.hazard, "kind"),
    h("span", { class: "what" }, headline(card)),
    card.status !== "Actual" && h("span", { class: "ribbon" }, t(`status.${card.status}`)),
    h("span", { class: "where" }, area ? named(area) : ""),
    levelMark(card.peak_level),
    h("span", { class: "when" }, card.ended_at ? t("warnings.ended_at", { time: dayTime(card.ended_at) }) : ""),
  );
}
