// @ts-check
// Words in the chosen language. The dictionaries are data: /static/i18n/*.json, both loaded at the start.

/** @typedef {"zh" | "en"} Language */

/** @type {Record<Language, Record<string, string>>} */
const dictionaries = { zh: {}, en: {} };
/** @type {Set<() => void>} */
const listeners = new Set();

/** Load both dictionaries. */
export async function loadWords() {
  const languages = /** @type {Language[]} */ (Object.keys(dictionaries));
  const loaded = await Promise.all(languages.map((one) => fetch(`/static/i18n/${one}.json`).then((got) => got.json())));
  languages.forEach((one, place) => (dictionaries[one] = loaded[place]));
}

/** @returns {Language} */
export function language() {
  return document.documentElement.lang === "zh" ? "zh" : "en";
}

/** The language as the texts of a warning name it. */
export function textLanguage() {
  return language() === "zh" ? "zh-CN" : "en-US";
}

/** Of the texts of a report the one that is read here. @template {{language: string}} T @param {T[]} texts */
export function ownText(texts) {
  return texts.find((text) => text.language === textLanguage()) ?? texts[0];
}

/**
 * The words for `key`, with {names} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const words = dictionaries[language()][key];
  if (words === undefined) {
    console.error(`no words for ${key} in ${language()}`);
    return key;
  }
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * The words for a code that components of others may add to; a code without words stands for itself.
 * @param {string} group
 * @param {string} code
 */
export function tCode(group, code) {
  return dictionaries[language()][`${group}.${code}`] ?? code.replaceAll("_", " ");
}

/**
 * The side of a name that is in the chosen language.
 * @param {import("./types").Name} name
 */
export function named(name) {
  return name[language()];
}

/** @param {() => void} listener called when the language changed */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** @param {Language} chosen */
export function setLanguage(chosen) {
  document.documentElement.lang = chosen;
  remember("language", chosen);
  for (const listener of listeners) listener();
}

/**
 * Keep a choice for the next visit, where the browser lets us.
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`forewarn.${key}`, value);
  } catch {
    // the choice holds until the page is closed
  }
}
