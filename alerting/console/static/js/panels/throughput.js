// @ts-check
// How much comes in, how fast it is dealt with, and what was dropped and why.
import { h, replace, svg } from "../dom.js";
import { brief, count } from "../format.js";
import { onLanguage, t, tCode } from "../i18n.js";
import { store, watch } from "../store.js";

const HISTORY_WIDTH = 300;
const HISTORY_HEIGHT = 44;
const MINUTE_S = 60;

/** @param {HTMLElement} panel */
export function throughputPanel(panel) {
  const draw = () => replace(panel, head(), ...(store.pulse ? [figures(store.pulse), drops(store.pulse.drops)] : []));
  watch(["pulse"], draw);
  onLanguage(draw);
  draw();
}

function head() {
  const rate = store.pulse ? brief(Math.round(store.pulse.readings_per_s)) : "–";
  return h(
    "div",
    { class: "panel-head rate" },
    h("h2", { id: "throughput-title" }, t("throughput.title")),
    history(store.rates),
    h("span", { class: "big" }, rate, h("span", { class: "unit" }, t("throughput.rate"))),
  );
}

/** @param {import("../types").Pulse} pulse */
function figures(pulse) {
  const dropped = pulse.drops.reduce((all, drop) => all + drop.count, 0);
  return h(
    "dl",
    { class: "figures" },
    figure("throughput.received", brief(pulse.received), count(pulse.received)),
    figure("throughput.processed", brief(pulse.processed), count(pulse.processed)),
    figure("throughput.dropped", brief(dropped), count(dropped)),
    figure("throughput.half", millis(pulse.latency_p50_ms)),
    figure("throughput.most", millis(pulse.latency_p99_ms)),
    figure("throughput.backlog", brief(pulse.backlog), count(pulse.backlog)),
  );
}

/** @param {number | null} ms */
function millis(ms) {
  if (ms === null) return "–";
  return t("unit.ms", { n: ms < 10 ? ms.toFixed(1) : count(ms) });
}

/** @param {string} key @param {string} value @param {string} [exact] */
function figure(key, value, exact) {
  return h("div", { title: exact }, h("dt", {}, t(key)), h("dd", {}, value));
}

/** @param {import("../types").Drop[]} all */
function drops(all) {
  if (!all.length) return h("p", { class: "hint" }, t("throughput.no_drops"));
  const most = Math.max(...all.map((drop) => drop.count));
  const row = (/** @type {import("../types").Drop} */ drop) => {
    const bar = h("span", { class: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", String(Math.log1p(drop.count) / Math.log1p(most)));
    return h(
      "li",
      {},
      h("span", { class: "why" }, tCode("drop", drop.reason)),
      h("span", { class: "by" }, drop.component),
      bar,
      h("b", {}, count(drop.count)),
    );
  };
  const sorted = [...all].sort((a, b) => b.count - a.count);
  return h("ul", { class: "drops", "aria-label": t("throughput.drops") }, sorted.map(row));
}

/** @param {number[]} rates */
function history(rates) {
  const high = Math.max(1, ...rates);
  const x = (/** @type {number} */ place) =>
    HISTORY_WIDTH * (1 - (rates.length - 1 - place) / Math.max(MINUTE_S, rates.length));
  const points = rates.map(
    (rate, place) => `${x(place).toFixed(1)} ${(HISTORY_HEIGHT - 2 - (rate / high) * (HISTORY_HEIGHT - 6)).toFixed(1)}`,
  );
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  return svg(
    "svg",
    {
      class: "history",
      viewBox: `0 0 ${HISTORY_WIDTH} ${HISTORY_HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": t("throughput.history"),
    },
    line &&
      svg("path", {
        class: "area",
        d: `${line}L${HISTORY_WIDTH} ${HISTORY_HEIGHT}L${x(0).toFixed(1)} ${HISTORY_HEIGHT}Z`,
      }),
    line && svg("path", { class: "trace", d: line }),
  );
}
