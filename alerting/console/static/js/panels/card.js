// @ts-check
// One chain of reports as a card: what, where, how bad, how long; the rest on request.
import { h, replace } from "../dom.js";
import { clockTime, count, percent } from "../format.js";
import { named, ownText, t } from "../i18n.js";
import { icon, levelMark, levelShape } from "../marks.js";
import { channelBars, deliveryCounts, eachDelivery } from "./card_deliveries.js";
import { evidence } from "./card_evidence.js";
import { leadClock } from "./lead_clock.js";
import { leadPath } from "./lead_path.js";

/** @typedef {import("../types").Warning} Warning */

/** What the reader opened or shut; it outlives the card, which is made anew with every change. @type {Map<string, boolean>} */
const opened = new Map();

/** @param {Warning} card @param {boolean} open unless the reader decided */
export function cardOf(card, open) {
  const more = h("div", { class: "more", id: `more-${card.chain}` });
  const article = h(
    "article",
    {
      class: `card level-${card.level}${card.maintenance ? " upkeep" : ""}`,
      "aria-labelledby": `title-${card.chain}`,
      "data-chain": card.chain,
    },
    plaque(card),
    heading(card),
    leadClock(card),
    leadPath(card.lead),
    card.coverage && coverage(card.coverage),
    foot(card, (shown) => {
      opened.set(card.chain, shown);
      fill(shown);
    }),
    more,
  );

  /** @param {boolean} shown */
  function fill(shown) {
    article.classList.toggle("open", shown);
    article.querySelector(".toggle")?.setAttribute("aria-expanded", String(shown));
    if (shown) replace(more, words(card), chain(card), evidence(card), deliveries(card));
    else more.replaceChildren();
  }
  fill(opened.get(card.chain) ?? open);
  return article;
}

/** The signal: hazard and level as one plate, as the national warning signals are. @param {Warning} card */
function plaque(card) {
  return h(
    "div",
    { class: "plaque" },
    icon(card.hazard),
    h("span", { class: "plate" }, levelShape(card.level), h("b", {}, t(`level.${card.level}`))),
    h("span", { class: "class" }, card.level ? t(`class.${card.level}`) : ""),
  );
}

/** @param {Warning} card */
function heading(card) {
  const text = textOf(card);
  const ribbon = card.status !== "Actual" && h("span", { class: "ribbon" }, t(`status.${card.status}`));
  const peak =
    card.peak_level > card.level &&
    h("span", { class: "peak" }, t("card.peak", { level: t(`level.${card.peak_level}`) }));
  return h(
    "div",
    { class: "heading" },
    h("p", { class: "where" }, areaPath(card)),
    h("h3", { id: `title-${card.chain}` }, ribbon, text?.headline ?? t(`hazard.${card.hazard}`)),
    h(
      "p",
      { class: "tags" },
      h("span", {}, t(`hazard.${card.hazard}`)),
      card.population !== null && h("span", {}, t("card.population", { n: count(card.population) })),
      h("span", {}, t("card.confidence", { n: percent(card.confidence) })),
      peak,
    ),
  );
}

/** What part of the people was reached. @param {import("../types").Coverage} found */
function coverage(found) {
  const [low, high] = [percent(found.expected_low), percent(found.expected_high)];
  const words = { confirmed: percent(found.confirmed), expected: percent(found.expected), between: `${low}–${high}` };
  return h(
    "p",
    { class: "coverage" },
    h("span", {}, t(low === high ? "card.coverage_sure" : "card.coverage", words)),
    found.not_reached > 0 &&
      h("span", { class: "missing" }, t("card.not_reached", { n: count(found.not_reached), of: count(found.villages) })),
  );
}

/** @param {Warning} card */
function areaPath(card) {
  const several = card.areas.map(named).join(t("card.and"));
  return [...path(card), several && h("span", { class: "several" }, several)];
}

/** @param {Warning} card */
function path(card) {
  return card.area_path.flatMap((name, place) => [place > 0 && icon("chevron", "step"), h("span", {}, named(name))]);
}

/** The line below: reports so far, how much evidence, how the deliveries stand, and the way to the rest. @param {Warning} card @param {(shown: boolean) => void} show */
function foot(card, show) {
  const toggle = h(
    "button",
    {
      type: "button",
      class: "toggle",
      id: `toggle-${card.chain}`,
      "aria-expanded": "false",
      "aria-controls": `more-${card.chain}`,
      onclick: (/** @type {MouseEvent} */ event) =>
        show(/** @type {HTMLElement} */ (event.currentTarget).getAttribute("aria-expanded") !== "true"),
    },
    t("card.details"),
    icon("chevron"),
  );
  const reports = h("span", { class: "chain-short" }, card.reports.map(reportShort));
  return h(
    "div",
    { class: "foot" },
    reports,
    h("span", {}, t("card.evidence_count", { n: count(card.findings_total) })),
    deliveryCounts(card.deliveries),
    toggle,
  );
}

/** @param {import("../types").Report} report */
function reportShort(report) {
  const words = `${t(`report.${report.report}`)} ${clockTime(report.decided_at)} ${t(`level.${report.level}`)}`;
  return h(
    "span",
    { class: `report-short level-${report.level}`, title: words },
    levelShape(report.level),
    report.number,
    h("span", { class: "unseen" }, words),
  );
}

/** @param {Warning} card */
function words(card) {
  const text = textOf(card);
  return (
    text &&
    h(
      "div",
      { class: "words" },
      h("section", {}, h("h4", {}, t("card.description")), h("p", {}, text.description)),
      h("section", { class: "todo" }, h("h4", {}, t("card.instruction")), h("p", {}, text.instruction)),
    )
  );
}

/** @param {Warning} card */
function chain(card) {
  const row = (/** @type {import("../types").Report} */ report) =>
    h(
      "li",
      {},
      h("span", { class: "number" }, report.number),
      h("span", { class: "which" }, t(`report.${report.report}`)),
      h("time", { datetime: report.decided_at }, clockTime(report.decided_at)),
      levelMark(report.level),
      h("a", { href: `/cap/${report.id}.xml`, "aria-label": t("card.cap", { n: report.number }) }, "CAP"),
    );
  return h("section", { class: "chain" }, h("h4", {}, t("card.chain")), h("ol", {}, card.reports.map(row)));
}

/** @param {Warning} card */
function deliveries(card) {
  const bars = card.deliveries.length ? channelBars(card.deliveries) : h("p", { class: "hint" }, t("card.none_sent"));
  return h(
    "section",
    { class: "sent" },
    h("h4", {}, t("card.deliveries")),
    bars,
    card.deliveries.length > 0 && eachDelivery(card.chain),
  );
}

/** @param {Warning} card */
function textOf(card) {
  return ownText(card.reports.at(-1)?.texts ?? []);
}
