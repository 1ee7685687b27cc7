// @ts-check
// The bar: who speaks, how much is in force, the clock, the connection, and the choices of the reader.
import { everySecond } from "../clock.js";
import { h, replace } from "../dom.js";
import { age, clockTime, count, date } from "../format.js";
import { language, named, onLanguage, remember, setLanguage, t } from "../i18n.js";
import { icon, levelShape } from "../marks.js";
import { store, watch } from "../store.js";
import { silentForMs } from "../stream.js";
import { openAbout } from "./about.js";
import { dutyButton, onDuty } from "./duty.js";

const LEVELS_WORST_FIRST = [4, 3, 2, 1];
const THEMES = ["auto", "light", "dark"];

/** @param {HTMLElement} bar */
export function header(bar) {
  const name = h("div", { class: "brand" });
  const tally = h("div", { class: "tally", role: "group" });
  const clock = h("div", { class: "now" });
  const link = h("div", { class: "link" });
  const choices = h("div", { class: "choices" });
  bar.append(name, tally, clock, link, choices);

  const drawName = () => replace(name, ...brand());
  const drawTally = () => {
    tally.setAttribute("aria-label", t("header.tally"));
    replace(tally, tallied());
  };
  const drawLink = () => replace(link, ...connection());
  const drawChoices = () => replace(choices, dutyButton(), languageButton(), themeButton(drawChoices), aboutButton());
  const drawClock = () => replace(clock, ...timeOfDay());

  watch(["process"], () => [drawName, drawClock].forEach((draw) => draw()));
  watch(["warnings"], drawTally);
  watch(["link", "pulse"], drawLink);
  onDuty(drawChoices);
  onLanguage(() => [drawName, drawTally, drawLink, drawChoices, drawClock].forEach((draw) => draw()));
  [drawName, drawTally, drawLink, drawChoices, drawClock].forEach((draw) => draw());
  setInterval(drawLink, 1_000);
}

function brand() {
  const title = store.process ? named(store.process.title) : "";
  const mark = h("img", { src: "/static/mark.svg", alt: "", width: 30, height: 30 });
  return [mark, h("div", {}, h("h1", {}, title || t("app.name")), h("p", {}, title ? t("app.name") : ""))];
}

function tallied() {
  const publicOnes = [...store.warnings.values()].filter((card) => !card.maintenance);
  return LEVELS_WORST_FIRST.map((level) => {
    const n = publicOnes.filter((card) => card.level === level).length;
    const words = t("header.tally_one", { level: t(`level.${level}`), n });
    const parts = [levelShape(level), h("span", { class: "word" }, t(`level.${level}`)), h("b", {}, count(n))];
    return h("span", { class: `tally-one level-${level}${n ? "" : " zero"}`, title: words }, parts);
  });
}

function timeOfDay() {
  const time = h("time", { class: "time" });
  const day = h("span", { class: "date" });
  everySecond(time, (now) => {
    time.textContent = clockTime(now);
    day.textContent = date(now);
  });
  return [time, day];
}

function connection() {
  const words = {
    connecting: () => t("link.connecting"),
    live: liveWords,
    lost: () => t("link.lost"),
    stale: () => t("link.stale", { age: age(silentForMs() / 1_000) }),
  }[store.link]();
  return [h("span", { class: `dot ${store.link}` }), h("span", { class: "said" }, words)];
}

function liveWords() {
  const rate = store.pulse?.rate ?? 1;
  if (rate === 1) return t("link.live");
  return rate ? t("link.replay", { rate: count(rate) }) : t("link.stood");
}

function languageButton() {
  const other = language() === "zh" ? "en" : "zh";
  const click = () => setLanguage(other);
  const attributes = { id: "language", type: "button", "aria-label": t("header.language_label"), onclick: click };
  return h("button", { ...attributes, lang: other }, t("header.language"));
}

/** @param {() => void} redraw */
function themeButton(redraw) {
  const root = document.documentElement;
  const theme = THEMES.includes(root.dataset.theme ?? "") ? String(root.dataset.theme) : "auto";
  const click = () => {
    root.dataset.theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("theme", root.dataset.theme);
    redraw();
  };
  const words = t("header.theme", { theme: t(`theme.${theme}`) });
  return h(
    "button",
    { id: "theme", type: "button", class: "square", "aria-label": words, title: words, onclick: click },
    icon(theme),
  );
}

function aboutButton() {
  const words = t("header.about");
  return h(
    "button",
    { id: "open-about", type: "button", class: "square", "aria-label": words, title: words, onclick: openAbout },
    icon("info"),
  );
}
