// @ts-check
// Says changes aloud to those who listen rather than look, and keeps the window's title true.
import { onLanguage, ownText, t } from "../i18n.js";
import { store, watch } from "../store.js";

/** @typedef {import("../types").Warning} Warning */

/** @type {Map<string, Warning> | null} null until the first situation: what is there already is not news */
let known = null;

/**
 * @param {HTMLElement} assertive for new and raised warnings
 * @param {HTMLElement} polite for the rest
 */
export function announcer(assertive, polite) {
  watch(["warnings"], () => {
    /** @type {string[]} */
    const urgent = [];
    /** @type {string[]} */
    const calm = [];
    for (const card of store.warnings.values()) {
      const before = known?.get(card.chain);
      if (!known || before?.reports.length === card.reports.length) continue;
      const list = !card.maintenance && (!before || card.level > before.level) ? urgent : calm;
      list.push(sentence(card, !before));
    }
    for (const [chain, card] of known ?? []) {
      if (!store.warnings.has(chain)) calm.push(t("warnings.over", { headline: headline(card) }));
    }
    if (urgent.length) assertive.textContent = urgent.join(" ");
    if (calm.length) polite.textContent = calm.join(" ");
    known = new Map(store.warnings);
    title();
  });
  watch(["process"], title);
  watch(["link"], () => {
    if (store.link === "lost") polite.textContent = t("link.lost");
  });
  onLanguage(title);
}

function title() {
  const publicOnes = [...store.warnings.values()].filter((card) => !card.maintenance);
  const worst = Math.max(0, ...publicOnes.map((card) => card.level));
  document.title = worst ? `(${publicOnes.length}) ${t(`level.${worst}`)} · ${t("app.name")}` : t("app.name");
}

/** @param {Warning} card @param {boolean} fresh */
function sentence(card, fresh) {
  const values = { level: t(`level.${card.level}`), n: card.reports.length, headline: headline(card) };
  return t(fresh ? "warnings.new" : "warnings.report_said", values);
}

/** @param {Warning} card */
export function headline(card) {
  return ownText(card.reports.at(-1)?.texts ?? [])?.headline ?? t(`hazard.${card.hazard}`);
}
