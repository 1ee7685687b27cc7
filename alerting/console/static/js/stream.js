// @ts-check
// The stream of changes. The browser reconnects by itself and names the last patch it saw.
import { setClock } from "./clock.js";
import { takeSensorRows, loadSensors } from "./sensors.js";
import { takeLink, takePatch, takePulse, takeSnapshot } from "./store.js";

const STALE_AFTER_MS = 5_000;
const REOPEN_AFTER_MS = 3_000;
let heardAt = performance.now();

/** Milliseconds since anything was heard of the process. */
export function silentForMs() {
  return performance.now() - heardAt;
}

/** Open the stream and keep it open. */
export function openStream() {
  const events = new EventSource("/api/events");
  events.addEventListener("open", loadSensors);
  listen(events, "snapshot", (snapshot) => {
    setClock(snapshot.pulse);
    takeSnapshot(snapshot);
  });
  listen(events, "patch", takePatch);
  listen(events, "sensors", takeSensorRows);
  listen(events, "pulse", (pulse) => {
    setClock(pulse);
    takePulse(pulse);
  });
  events.addEventListener("error", () => {
    takeLink("lost");
    // After a refusal (a proxy's 502, a restart) the browser gives up; we do not.
    if (events.readyState === EventSource.CLOSED) setTimeout(openStream, REOPEN_AFTER_MS);
  });
}

/** Say so when the process falls silent though the connection stands. */
export function watchSilence() {
  setInterval(() => {
    if (silentForMs() > STALE_AFTER_MS) takeLink("stale");
  }, 1_000);
}

/**
 * @param {EventSource} events
 * @param {string} name
 * @param {(data: any) => void} take
 */
function listen(events, name, take) {
  events.addEventListener(name, (event) => {
    heardAt = performance.now();
    take(JSON.parse(event.data));
    takeLink("live");
  });
}
