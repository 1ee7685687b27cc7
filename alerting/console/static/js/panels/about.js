// @ts-check
// What the marks mean, whose data is shown, and the doors for machines.
import { h, replace } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { conditionShape, levelMark } from "../marks.js";
import { CONDITIONS } from "../sensors.js";
import { store } from "../store.js";
import { GROUPS } from "./card_deliveries.js";
import { stateMark } from "./delivery_row.js";
import { closeButton } from "./dialog.js";

const LEVELS = [1, 2, 3, 4];
const DOORS = [
  ["about.feed", "/feed.atom"],
  ["about.snapshot", "/api/situation"],
  ["about.metrics", "/metrics"],
];

function dialog() {
  return /** @type {HTMLDialogElement} */ (document.getElementById("about"));
}

/** Show the panel. */
export function openAbout() {
  draw();
  dialog().showModal();
}

function draw() {
  const states = ["queued", ...GROUPS.flatMap(([, all]) => all).filter((state) => state !== "queued")];
  const version = store.process ? t("about.version", { version: store.process.version }) : "";
  replace(
    dialog(),
    h("div", { class: "dialog-head" }, h("h2", { id: "about-title" }, t("about.title")), closeButton(dialog())),
    h("p", {}, t("about.purpose"), " ", h("span", { class: "hint" }, version)),
    h(
      "div",
      { class: "legends" },
      legend(
        "about.levels",
        LEVELS.map((level) => [levelMark(level), t(`meaning.${level}`)]),
      ),
      legend(
        "about.conditions",
        CONDITIONS.map((one) => [conditionMark(one), t(`condition_meaning.${one}`)]),
      ),
      legend(
        "about.states",
        states.map((state) => [stateMark(state), t(`state_meaning.${state}`)]),
      ),
      sources(),
    ),
    h(
      "p",
      { class: "doors" },
      h("span", { class: "hint" }, t("about.machines")),
      DOORS.map(([key, href]) => h("a", { href }, t(key))),
    ),
  );
}

/** @param {string} condition */
function conditionMark(condition) {
  return h("span", { class: `condition ${condition}` }, conditionShape(condition), t(`condition.${condition}`));
}

/** @param {string} title @param {[Node, string][]} rows */
function legend(title, rows) {
  return h(
    "section",
    {},
    h("h3", {}, t(title)),
    h(
      "dl",
      {},
      rows.map(([mark, words]) => h("div", {}, h("dt", {}, mark), h("dd", {}, words))),
    ),
  );
}

function sources() {
  const all = store.process?.attributions ?? [];
  const one = (/** @type {import("../types").Attribution} */ source) =>
    h(
      "div",
      {},
      h("dt", {}, source.url ? h("a", { href: source.url, rel: "noreferrer" }, source.title) : source.title),
      h("dd", {}, `${source.text} · ${source.licence}`),
    );
  const body = all.length
    ? h("dl", { class: "sources" }, all.map(one))
    : h("p", { class: "hint" }, t("about.no_sources"));
  return h("section", {}, h("h3", {}, t("about.sources")), body);
}

onLanguage(() => dialog().open && draw());
