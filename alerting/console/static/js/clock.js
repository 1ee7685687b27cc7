// @ts-check
// The process's clock, carried on between pulses, and what has to be redrawn every second by it.

let anchorMs = Date.now();
let anchoredAt = performance.now();
let rate = 1;

/** @type {Set<{element: Element, update: (nowMs: number) => void, shown: boolean}>} */
const ticking = new Set();

/** @param {import("./types").Pulse} pulse */
export function setClock(pulse) {
  anchorMs = Date.parse(pulse.now_at);
  anchoredAt = performance.now();
  rate = pulse.rate;
}

/** Now, by the process's clock, in Unix milliseconds. */
function nowMs() {
  return anchorMs + (performance.now() - anchoredAt) * rate;
}

/**
 * Call `update` at once and every second while `element` is part of the page.
 * @template {Element} Ticking
 * @param {Ticking} element
 * @param {(nowMs: number) => void} update
 * @returns {Ticking}
 */
export function everySecond(element, update) {
  ticking.add({ element, update, shown: false });
  update(nowMs());
  return element;
}

/** Start the beat, on whole seconds of the process's clock. */
export function startClock() {
  const beat = () => {
    const now = nowMs();
    for (const entry of ticking) {
      if (entry.element.isConnected) {
        entry.shown = true;
        entry.update(now);
      } else if (entry.shown) ticking.delete(entry);
    }
    setTimeout(beat, 1_000 - (nowMs() % 1_000) || 1_000);
  };
  beat();
}
