// @ts-check
// A finding with its readings: why the process says what it says.
import { h, replace } from "../dom.js";
import { clockTime, dayTime, measured } from "../format.js";
import { named, onLanguage, t } from "../i18n.js";
import { levelMark } from "../marks.js";
import { plot } from "../plot.js";
import { closeButton } from "./dialog.js";

/** @typedef {import("../types").FindingDetail} FindingDetail */

const PLOT_WIDTH_PX = 680;
const PLOT_HEIGHT_PX = 220;
/** @type {FindingDetail | null} */
let shown = null;

function dialog() {
  return /** @type {HTMLDialogElement} */ (document.getElementById("finding"));
}

/** @param {string} id */
export async function openFinding(id) {
  const answer = await fetch(`/api/findings/${encodeURIComponent(id)}`);
  if (!answer.ok) return;
  shown = await answer.json();
  draw();
  dialog().showModal();
}

function draw() {
  if (!shown) return;
  const { finding, revisions, series } = shown;
  const head = h(
    "div",
    { class: "dialog-head" },
    h("h2", { id: "finding-title" }, named(finding.criterion)),
    closeButton(dialog()),
  );
  const mark = { at: finding.onset_at, label: t("finding.onset_mark") };
  const width = Math.min(PLOT_WIDTH_PX, window.innerWidth - 80);
  replace(
    dialog(),
    head,
    facts(finding),
    series.map((one) => plot(one, width, PLOT_HEIGHT_PX, mark)),
    history(revisions, finding.unit),
  );
}

/** @param {import("../types").Finding} finding */
function facts(finding) {
  /** @type {[string, Node | string][]} */
  const rows = [
    ["finding.level", levelMark(finding.level)],
    ["finding.value", `${measured(finding.value)} ${finding.unit}`],
    ["finding.threshold", `${measured(finding.threshold)} ${finding.unit}`],
    ["finding.onset", dayTime(finding.onset_at)],
    ["finding.sensor", finding.sensor],
    ["finding.place", named(finding.place)],
    ["finding.standard", named(finding.standard)],
    ["finding.detector", finding.detector],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.map(([key, what]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, what))),
  );
}

/** @param {import("../types").Revision[]} revisions @param {string} unit */
function history(revisions, unit) {
  const row = (/** @type {import("../types").Revision} */ one) =>
    h(
      "li",
      {},
      h("time", { datetime: one.at }, clockTime(one.at)),
      levelMark(one.level),
      `${measured(one.value)} ${unit}`,
      !one.open && t("finding.closed"),
    );
  return h("section", {}, h("h3", {}, t("finding.history")), h("ol", { class: "revisions" }, revisions.map(row)));
}

onLanguage(draw);
