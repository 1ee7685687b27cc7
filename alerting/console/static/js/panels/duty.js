// @ts-check
// The duty desk: a button that says how much waits, and the dialog behind it.
import { everything, signIn, signOut, summary, token } from "../duty.js";
import { h, replace } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { closeButton } from "./dialog.js";
import { itemList, monthReport, onsetList } from "./duty_after.js";
import { drillList } from "./duty_drills.js";
import { callList, releaseList, rosterLine, silenceList } from "./duty_lists.js";
import { projectionList, warningList } from "./duty_warnings.js";

const LOOK_MS = 2_000;

/** @type {import("../duty.js").Summary} */
let known = { desk: false, waiting: 0, red: 0, calls: 0, late: [] };
/** @type {Awaited<ReturnType<typeof everything>> | null} */
let shown = null;
let refused = "";
/** Whether something has changed since what is shown was asked for. */
let behind = false;
/** @type {Set<() => void>} */
const listeners = new Set();

function dialog() {
  return /** @type {HTMLDialogElement} */ (document.getElementById("duty"));
}

/** @param {() => void} listener called when something else waits */
export function onDuty(listener) {
  listeners.add(listener);
}

/** Look at what waits, again and again, where this process has a duty desk. */
export async function watchDuty() {
  await look();
  if (known.desk) setInterval(look, LOOK_MS);
}

/** The button of the bar; nothing where there is no desk. */
export function dutyButton() {
  if (!known.desk) return null;
  const words = [
    t("duty.open"),
    ...(known.waiting ? [t("duty.waiting", { n: known.waiting })] : []),
    ...(known.calls ? [t("duty.calls", { n: known.calls })] : []),
    ...(known.late.length ? [t("duty.late", { channels: known.late.join(", ") })] : []),
  ].join(" · ");
  const open = known.waiting + known.calls + known.late.length;
  return h(
    "button",
    {
      id: "open-duty",
      type: "button",
      class: known.red || known.late.length ? "urgent" : "",
      "aria-label": words,
      title: words,
      onclick: openDuty,
    },
    t("duty.open"),
    open ? h("span", { class: "badge" }, open) : null,
  );
}

async function look() {
  try {
    const now = await summary();
    const moved = JSON.stringify(now) !== JSON.stringify(known);
    known = now;
    behind ||= moved;
    if (moved) for (const listener of listeners) listener();
    if (behind && shown && dialog().open && !isTyping()) await refresh();
  } catch {
    // the bar says that the connection is lost
  }
}

/** Show how things stand, unless somebody began to type, signed out or closed the desk while they were asked for. */
async function refresh() {
  const before = shown;
  const now = await everything();
  if (shown !== before || !dialog().open || isTyping()) return;
  shown = now;
  behind = false;
  draw();
}

/** What somebody is typing must not be drawn away. */
function isTyping() {
  const active = document.activeElement;
  const types = active instanceof HTMLInputElement || active instanceof HTMLSelectElement;
  return types && dialog().contains(active);
}

function openDuty() {
  if (shown) draw();
  dialog().showModal();
  load();
}

async function load() {
  shown = null;
  if (token()) {
    try {
      shown = await everything();
      behind = false;
    } catch (error) {
      refused = String(/** @type {Error} */ (error).message);
      signOut();
    }
  }
  draw();
}

/** Do something, say what came of it, show how things stand then. @param {() => Promise<unknown>} act */
async function done(act) {
  refused = "";
  try {
    await act();
  } catch (error) {
    refused = String(/** @type {Error} */ (error).message);
  }
  await look();
  await load();
}

function draw() {
  replace(
    dialog(),
    h("div", { class: "dialog-head" }, h("h2", { id: "duty-title" }, t("duty.title")), closeButton(dialog())),
    shown ? who() : signInForm(),
    refused ? h("p", { class: "refused", role: "alert" }, refused) : null,
    ...(shown
      ? [
          h("h3", {}, t("duty.releases")),
          releaseList(shown.releases, done),
          h("h3", {}, t("duty.called")),
          callList(shown.calls, done),
          h("h3", {}, t("duty.in_force")),
          warningList(shown.warnings, shown.clocks, done),
          h("h3", {}, t("duty.sending")),
          projectionList(shown.projections),
          h("h3", {}, t("duty.silences")),
          silenceList(shown.silences, done),
          h("h3", {}, t("duty.items")),
          itemList(shown.items, done),
          h("h3", {}, t("duty.onsets")),
          onsetList(shown.onsets, done),
          h("h3", {}, t("duty.months")),
          monthReport(),
          h("h3", {}, t("duty.drills")),
          drillList(shown.drills, shown.held, done),
        ]
      : []),
  );
}

function who() {
  const { me, rosters } = /** @type {NonNullable<typeof shown>} */ (shown);
  const roles = me.roles.map((/** @type {string} */ role) => t(`role.${role}`)).join(", ");
  const leave = () => {
    signOut();
    refused = "";
    load();
  };
  return h(
    "div",
    { class: "who" },
    h("span", {}, t("duty.signed_in", { name: me.name, roles })),
    rosterLine(rosters),
    h("button", { type: "button", id: "duty-leave", onclick: leave }, t("duty.leave")),
  );
}

function signInForm() {
  const field = /** @type {HTMLInputElement} */ (
    h("input", { id: "duty-token", type: "password", autocomplete: "off", required: true })
  );
  const enter = (/** @type {Event} */ event) => {
    event.preventDefault();
    signIn(field.value);
    refused = "";
    load();
  };
  return h(
    "form",
    { onsubmit: enter },
    h("label", {}, t("duty.sign_in"), field),
    h("button", { type: "submit", id: "duty-enter" }, t("duty.enter")),
  );
}

onLanguage(() => dialog().open && draw());
