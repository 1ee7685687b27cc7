// @ts-check
// Puts the page together: words first, then panels, then the stream that keeps them true.
import { startClock } from "./clock.js";
import { loadWords, onLanguage, t } from "./i18n.js";
import { announcer } from "./panels/announcer.js";
import { watchDuty } from "./panels/duty.js";
import { deliveryPanel } from "./panels/deliveries.js";
import { header } from "./panels/header.js";
import { ledgerPanel } from "./panels/ledger.js";
import { notices } from "./panels/notices.js";
import { sensorPanel } from "./panels/sensors.js";
import { throughputPanel } from "./panels/throughput.js";
import { warningPanel } from "./panels/warnings.js";
import { openStream, watchSilence } from "./stream.js";

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** The words that stand in index.html itself. */
function standingWords() {
  for (const element of document.querySelectorAll("[data-text]"))
    element.textContent = t(element.getAttribute("data-text") ?? "");
  for (const element of document.querySelectorAll("[data-label]"))
    element.setAttribute("aria-label", t(element.getAttribute("data-label") ?? ""));
}

await loadWords();
standingWords();
onLanguage(standingWords);
header(place("topbar"));
notices(place("notices"));
warningPanel(place("warnings"));
sensorPanel(place("sensors"));
throughputPanel(place("throughput"));
deliveryPanel(place("deliveries"));
ledgerPanel(place("ledger"));
announcer(place("said-now"), place("said"));
watchDuty();
startClock();
openStream();
watchSilence();
