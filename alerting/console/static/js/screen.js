// @ts-check
// A public screen: what the stream says, until it says otherwise; what has expired goes even without a stream.
// One warning at a time, the gravest first, each as large as it fits.

const LOST_AFTER_MS = 12_000;
const EACH_MS = 10_000;
const LEVELS = ["red", "orange", "yellow", "blue"];
const LARGEST_VH = 11;
const SMALLEST_VH = 2;

/** @typedef {{language: string, headline: string, instruction: string}} Words */
/** @typedef {{id: string, level: string, expires_at: string, words: Words[]}} Shown */

/** @type {Shown[] | null} */
let told = null;
let heardAt = performance.now();
/** When the gravest was put first: what is new and grave does not wait its turn. */
let since = performance.now();

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} language
 */
function element(tag, text, language) {
  const made = document.createElement(tag);
  made.textContent = text;
  made.lang = language;
  return made;
}

/** @param {Shown} warning */
function card(warning) {
  const article = document.createElement("article");
  article.className = warning.level;
  article.dataset.id = warning.id;
  for (const words of warning.words) {
    const isFirst = words === warning.words[0];
    article.append(element(isFirst ? "h1" : "p", words.headline, words.language));
    article.append(element("p", words.instruction, words.language));
  }
  return article;
}

/** @param {HTMLElement} article */
function fit(article) {
  for (let size = LARGEST_VH; size >= SMALLEST_VH; size *= 0.95) {
    article.style.fontSize = `${size}vh`;
    if (article.scrollHeight <= article.clientHeight && article.scrollWidth <= article.clientWidth) return;
  }
}

/** @param {Shown} one */
const rank = (one) => LEVELS.indexOf(one.level);

function show() {
  const standing = (told ?? []).filter((one) => !one.expires_at || Date.parse(one.expires_at) > Date.now());
  standing.sort((one, other) => rank(one) - rank(other));
  const turn = standing.length ? Math.floor((performance.now() - since) / EACH_MS) % standing.length : 0;
  place("none").hidden = told === null || standing.length > 0;
  const shown = place("shown");
  const name = standing[turn]?.id ?? "";
  if (shown.dataset.name !== name) {
    shown.dataset.name = name;
    shown.replaceChildren(...standing.slice(turn, turn + 1).map(card));
    for (const article of shown.querySelectorAll("article")) fit(/** @type {HTMLElement} */ (article));
  }
  place("count").textContent = standing.length > 1 ? `${turn + 1} / ${standing.length}` : "";
  place("lost").hidden = performance.now() - heardAt < LOST_AFTER_MS;
  place("now").textContent = new Date().toLocaleString("zh-CN", { hour12: false });
}

const stream = new EventSource(`/screen/events${location.search}`);
stream.addEventListener("warnings", (event) => {
  told = JSON.parse(event.data);
  since = performance.now();
  heardAt = performance.now();
  show();
});
stream.addEventListener("pulse", () => {
  heardAt = performance.now();
});
addEventListener("resize", () => {
  for (const article of document.querySelectorAll("article")) fit(/** @type {HTMLElement} */ (article));
});
setInterval(show, 1000);
show();
