// @ts-check
// The evidence of a card: each finding a row that opens its readings.
import { h, replace } from "../dom.js";
import { clockTime, count, measured } from "../format.js";
import { named, t } from "../i18n.js";
import { levelShape } from "../marks.js";
import { openFinding } from "./finding.js";

/** @typedef {import("../types").Finding} Finding */

/** @param {import("../types").Warning} card */
export function evidence(card) {
  const list = h("ul", {}, card.findings.map(findingRow));
  const section = h("section", { class: "evidence" }, h("h4", {}, t("card.evidence")), list);
  if (card.findings_total > card.findings.length) section.append(allOf(card, list));
  return section;
}

/** @param {Finding} finding */
function findingRow(finding) {
  const words = t("finding.open", { sensor: finding.sensor });
  return h(
    "li",
    { class: finding.open ? "" : "over" },
    h(
      "button",
      { type: "button", class: "finding", title: words, onclick: () => openFinding(finding.id) },
      levelShape(finding.level),
      h("span", { class: "criterion" }, named(finding.criterion)),
      h(
        "span",
        { class: "amount" },
        h("b", {}, `${measured(finding.value)} ${finding.unit}`),
        " ",
        t("finding.against", { threshold: measured(finding.threshold) }),
      ),
      h("span", { class: "who" }, `${finding.sensor} · ${named(finding.place)}`),
      h(
        "span",
        { class: "when" },
        finding.open ? t("finding.since", { time: clockTime(finding.onset_at) }) : t("finding.closed"),
      ),
    ),
  );
}

/** @param {import("../types").Warning} card @param {HTMLElement} list */
function allOf(card, list) {
  const button = h(
    "button",
    { type: "button", class: "quiet-button" },
    t("card.evidence_more", { n: count(card.findings_total) }),
  );
  button.addEventListener("click", async () => {
    const answer = await fetch(`/api/warnings/${encodeURIComponent(card.chain)}`);
    if (!answer.ok) return;
    replace(list, (await answer.json()).findings.map(findingRow));
    button.remove();
  });
  return button;
}
