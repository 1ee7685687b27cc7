// @ts-check
// The last readings of the sensors on show: fetched once, then carried on by the stream.
import { watchSensors, sensorNode } from "./sensors.js";

/** @typedef {import("./types").Series} Series */

const KEPT_SERIES = 400;
const KEPT_READINGS = 480;
const AT_ONCE = 4;

/** @type {Map<string, Series>} */
const kept = new Map();
/** @type {Map<string, (series: Series) => void>} */
const wanted = new Map();
let fetching = 0;

/** @param {string} sensor @returns {Series | undefined} */
export function knownSeries(sensor) {
  return kept.get(sensor);
}

/**
 * Ask for the readings of a sensor; `ready` is called when they are there, unless it was given up meanwhile.
 * @param {string} sensor
 * @param {(series: Series) => void} ready
 */
export function wantSeries(sensor, ready) {
  const known = kept.get(sensor);
  if (known) {
    ready(known);
    return;
  }
  wanted.set(sensor, ready);
  next();
}

/** It scrolled out of sight before its turn came. @param {string} sensor */
export function giveUpSeries(sensor) {
  wanted.delete(sensor);
}

async function next() {
  const first = wanted.entries().next();
  if (first.done || fetching >= AT_ONCE) return;
  const [sensor, ready] = first.value;
  wanted.delete(sensor);
  fetching += 1;
  try {
    const answer = await fetch(`/api/sensors/${encodeURIComponent(sensor)}/series`);
    if (answer.ok) ready(keep(await answer.json()));
  } catch {
    // the connection is lost: the header says so, and the row asks again when it is next drawn
  } finally {
    fetching -= 1;
  }
  next();
}

/** @param {Series} series */
function keep(series) {
  kept.set(series.sensor, series);
  if (kept.size > KEPT_SERIES) kept.delete(/** @type {string} */ (kept.keys().next().value));
  return series;
}

watchSensors((changed) => {
  if (changed === null) kept.clear();
  else for (const sensor of changed) append(sensor);
});

/** @param {string} sensor */
function append(sensor) {
  const series = kept.get(sensor);
  const state = sensorNode(sensor)?.state;
  if (!series || !state || state[4] === null) return;
  const atMs = Date.parse(state[4]);
  if (series.at_ms.length && atMs <= series.at_ms[series.at_ms.length - 1]) return;
  series.at_ms = [...series.at_ms.slice(1 - KEPT_READINGS), atMs];
  series.values = [...series.values.slice(1 - KEPT_READINGS), state[3]];
}
