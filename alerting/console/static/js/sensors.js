// @ts-check
// The sensors as a tree of areas and sites, with counts kept up to date as states change.

/** @typedef {import("./types").TreeNode} TreeNode */

const PARENT_DIGITS = [9, 6, 4, 2];
export const CONDITIONS = ["alarm", "fault", "silent", "suspect", "waiting", "good"];

/** @type {TreeNode} */
export let root = node("root", null, null, null);
/** @type {Map<string, TreeNode>} */
const leaves = new Map();
/** @type {Set<(changed: Set<string> | null) => void>} */
const watchers = new Set();

/** @param {(changed: Set<string> | null) => void} watcher told which sensors changed; null: the whole tree is new */
export function watchSensors(watcher) {
  watchers.add(watcher);
}

/** @param {string} id */
export function sensorNode(id) {
  return leaves.get(id);
}

/** Fetch catalogue and states, as after every connection: what was missed meanwhile is in it. */
export async function loadSensors() {
  const { catalogue, states } = await fetch("/api/sensors").then((answer) => answer.json());
  root = build(catalogue);
  for (const row of states.rows) setState(row);
  tell(null);
}

/** @param {import("./types").SensorRow[]} rows */
export function takeSensorRows(rows) {
  const changed = new Set(rows.filter(setState).map((row) => row[0]));
  if (changed.size) tell(changed);
}

/** @param {Set<string> | null} changed */
function tell(changed) {
  for (const watcher of watchers) watcher(changed);
}

/**
 * @param {{areas: import("./types").Area[], sites: import("./types").Site[], sensors: import("./types").Sensor[]}} all
 */
function build({ areas, sites, sensors }) {
  const top = node("root", null, null, null);
  const byArea = new Map();
  for (const area of [...areas].sort((a, b) => (a.code < b.code ? -1 : 1))) {
    const parent = PARENT_DIGITS.map((digits) => byArea.get(area.code.slice(0, digits).padEnd(12, "0"))).find(Boolean);
    byArea.set(area.code, node(`area-${area.code}`, area.name, parent ?? top, null));
  }
  const bySite = new Map(
    sites.map((site) => [site.id, node(`site-${site.id}`, site.name, byArea.get(site.area) ?? top, null)]),
  );
  leaves.clear();
  for (const sensor of sensors)
    leaves.set(sensor.id, node(`sensor-${sensor.id}`, null, bySite.get(sensor.site) ?? top, sensor));
  return top;
}

/**
 * @param {string} id
 * @param {import("./types").Name | null} name
 * @param {TreeNode | null} parent
 * @param {import("./types").Sensor | null} sensor
 * @returns {TreeNode}
 */
function node(id, name, parent, sensor) {
  const depth = parent ? parent.depth + 1 : 0;
  const counts = Object.fromEntries(CONDITIONS.map((condition) => [condition, 0]));
  const made = { id, name, parent, children: [], depth, sensor, state: null, counts, level: 0, total: sensor ? 1 : 0 };
  parent?.children.push(made);
  if (sensor) for (const above of ancestors(made)) above.total += 1;
  return made;
}

/** @param {TreeNode} from @returns {Generator<TreeNode>} */
function* ancestors(from) {
  for (let at = from.parent; at; at = at.parent) yield at;
}

/** @param {import("./types").SensorRow} row @returns {boolean} whether the sensor is known */
function setState(row) {
  const leaf = leaves.get(row[0]);
  if (!leaf) return false;
  const [, condition, level] = row;
  const before = leaf.state?.[1];
  leaf.state = row;
  if (before === condition && leaf.level === level) return true;
  leaf.level = level;
  leaf.counts = { ...leaf.counts, ...(before && { [before]: 0 }), [condition]: 1 };
  for (const above of ancestors(leaf)) {
    if (before) above.counts[before] -= 1;
    above.counts[condition] += 1;
    above.level = Math.max(0, ...above.children.map((child) => child.level));
  }
  return true;
}
