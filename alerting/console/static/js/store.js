// @ts-check
// What the page knows. Panels watch the sections they show.

/** @typedef {"process" | "warnings" | "ended" | "deliveries" | "ledger" | "pulse" | "link"} Section */

/** @type {import("./types").Store} */
export const store = {
  sequence: -1,
  process: null,
  pulse: null,
  warnings: new Map(),
  ended: [],
  deliveries: { counts: [], latest: [] },
  ledger: [],
  rates: [],
  link: "connecting",
};

const RATES_SHOWN = 300;
/** @type {Map<Section, Set<() => void>>} */
const watchers = new Map();

/**
 * @param {Section[]} sections
 * @param {() => void} listener
 */
export function watch(sections, listener) {
  for (const section of sections) {
    if (!watchers.has(section)) watchers.set(section, new Set());
    watchers.get(section)?.add(listener);
  }
}

/** @param {Section[]} sections */
function changed(...sections) {
  const listeners = new Set(sections.flatMap((section) => [...(watchers.get(section) ?? [])]));
  for (const listener of listeners) listener();
}

/** @param {import("./types").Snapshot} snapshot */
export function takeSnapshot({ sequence, situation, pulse, rates }) {
  store.sequence = sequence;
  store.warnings = new Map(situation.warnings.map((card) => [card.chain, card]));
  store.process = situation.process;
  store.ended = situation.ended;
  store.deliveries = situation.deliveries;
  store.ledger = situation.ledger;
  store.rates = rates;
  store.pulse = pulse;
  changed("process", "warnings", "ended", "deliveries", "ledger", "pulse");
}

/** Patches that a snapshot already holds are passed over. @param {import("./types").Numbered} numbered */
export function takePatch({ sequence, patch }) {
  if (sequence <= store.sequence) return;
  store.sequence = sequence;
  for (const chain of patch.removed ?? []) store.warnings.delete(chain);
  for (const card of patch.warnings ?? []) store.warnings.set(card.chain, card);
  /** @type {Section[]} */
  const sections = patch.warnings || patch.removed ? ["warnings"] : [];
  for (const section of /** @type {const} */ (["process", "ended", "deliveries", "ledger"])) {
    if (patch[section] === undefined) continue;
    Object.assign(store, { [section]: patch[section] });
    sections.push(section);
  }
  changed(...sections);
}

/** @param {import("./types").Pulse} pulse */
export function takePulse(pulse) {
  store.pulse = pulse;
  store.rates = [...store.rates.slice(1 - RATES_SHOWN), pulse.readings_per_s];
  changed("pulse");
}

/** @param {import("./types").Link} link */
export function takeLink(link) {
  if (store.link === link) return;
  store.link = link;
  changed("link");
}
