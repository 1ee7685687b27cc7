// @ts-check
// Numbers, instants and spans as people read them.
import { language, t } from "./i18n.js";
import { store } from "./store.js";

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
const UNITS = /** @type {Record<string, string>} */ ({ degC: "°C", deg: "°" });

/** @type {Map<string, any>} */
const formats = new Map();

/**
 * @template Format
 * @param {string} key
 * @param {(locale: string) => Format} make
 * @returns {Format}
 */
function format(key, make) {
  const locale = language() === "zh" ? "zh-CN" : "en-GB";
  const id = `${locale} ${zone()} ${key}`;
  if (!formats.has(id)) formats.set(id, make(locale));
  return formats.get(id);
}

function zone() {
  return store.process?.time_zone ?? "UTC";
}

/** A whole number with separators. @param {number} n */
export function count(n) {
  return format("count", (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })).format(n);
}

/** A large number in few characters. @param {number} n */
export function brief(n) {
  const options = /** @type {Intl.NumberFormatOptions} */ ({ notation: "compact", maximumSignificantDigits: 3 });
  return n < 10_000 ? count(n) : format("brief", (locale) => new Intl.NumberFormat(locale, options)).format(n);
}

/** A measured value: four significant digits. @param {number | null | undefined} value */
export function measured(value) {
  if (value === null || value === undefined) return "–";
  return format("measured", (locale) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 })).format(value);
}

/** @param {string} unit */
export function unitName(unit) {
  return UNITS[unit] ?? unit;
}

/** @param {number} share 0..1 */
export function percent(share) {
  return format("percent", (locale) => new Intl.NumberFormat(locale, { style: "percent" })).format(share);
}

/** @param {number | string} at @returns {string} 14:20:05 in the zone of the process */
export function clockTime(at) {
  return time(at, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** @param {number | string} at @returns {string} 14:20 */
export function shortTime(at) {
  return time(at, "short", { hour: "2-digit", minute: "2-digit" });
}

/** @param {number | string} at @returns {string} 14:20 where it is today, else 07-08 14:20 */
export function dayTime(at) {
  const day = monthDay(at);
  return store.pulse && day === monthDay(store.pulse.now_at) ? shortTime(at) : `${day} ${shortTime(at)}`;
}

/** @param {number | string} at @returns {string} 07-08, month first, as in ISO 8601 */
function monthDay(at) {
  const make = () => new Intl.DateTimeFormat("en-US", { month: "2-digit", day: "2-digit", timeZone: zone() });
  return format("month-day", make).format(new Date(at)).replace("/", "-");
}

/** @param {number | string} at @returns {string} 2026-07, as in ISO 8601 */
export function month(at) {
  const make = () => new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", timeZone: zone() });
  return format("month", make).format(new Date(at));
}

/** @param {number | string} at @returns {string} the date in words */
export function date(at) {
  return time(at, "date", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
}

/**
 * @param {number | string} at
 * @param {string} key
 * @param {Intl.DateTimeFormatOptions} options
 */
function time(at, key, options) {
  const make = (/** @type {string} */ locale) =>
    new Intl.DateTimeFormat(locale, { ...options, hourCycle: "h23", timeZone: zone() });
  return format(key, make).format(new Date(at));
}

/** How long, to two units: 42 ms, 1.9 s, 2 min 21 s, 5 h 5 min; -4 min 21 s. @param {number} seconds @returns {string} */
export function span(seconds) {
  if (seconds < 0) return `-${span(-seconds)}`;
  if (seconds < 0.95) return t("unit.ms", { n: Math.round(seconds * 1_000) });
  if (seconds < 10) return t("unit.s", { n: seconds.toFixed(1) });
  const s = Math.round(seconds);
  if (s < MINUTE_S) return t("unit.s", { n: s });
  if (s < 10 * MINUTE_S) return two("min", Math.floor(s / MINUTE_S), "s", s % MINUTE_S);
  if (s < HOUR_S) return t("unit.min", { n: Math.round(s / MINUTE_S) });
  if (s < DAY_S) return two("h", Math.floor(s / HOUR_S), "min", Math.floor((s % HOUR_S) / MINUTE_S));
  return two("d", Math.floor(s / DAY_S), "h", Math.floor((s % DAY_S) / HOUR_S));
}

/** @param {string} big @param {number} m @param {string} small @param {number} n */
function two(big, m, small, n) {
  return n ? `${t(`unit.${big}`, { n: m })} ${t(`unit.${small}`, { n })}` : t(`unit.${big}`, { n: m });
}

/** How long ago, to one unit. @param {number} seconds */
export function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE_S) return t("unit.s", { n: s });
  if (s < HOUR_S) return t("unit.min", { n: Math.floor(s / MINUTE_S) });
  if (s < 2 * DAY_S) return t("unit.h", { n: Math.floor(s / HOUR_S) });
  return t("unit.d", { n: Math.floor(s / DAY_S) });
}

/** 04:07 or 1:02:33. @param {number} seconds */
export function digits(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const rest = `${pad(Math.floor((s % HOUR_S) / MINUTE_S))}:${pad(s % MINUTE_S)}`;
  return s < HOUR_S ? rest : `${Math.floor(s / HOUR_S)}:${rest}`;
}

/**
 * Seconds from one instant to another, null where one is unknown.
 * @param {string | null | undefined} from
 * @param {string | null | undefined} to
 */
export function between(from, to) {
  return from && to ? (Date.parse(to) - Date.parse(from)) / 1_000 : null;
}
