// @ts-check
// The interface behind the duty desk: who is signed in, what they see, what they do. The token stays in this tab.
import { t, tCode } from "./i18n.js";

const BASE = "/api/v1";
const KEY = "forewarn.token";
const KEPT_MS = 10_000;

/** @typedef {{desk: boolean, waiting: number, red: number, calls: number, late: string[]}} Summary */

/** @returns {string} */
export function token() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** @param {string} secret */
export function signIn(secret) {
  sessionStorage.setItem(KEY, secret.trim());
}

/** Forget the token. */
export function signOut() {
  sessionStorage.removeItem(KEY);
}

/** What everybody may know: how much waits. @returns {Promise<Summary>} */
export async function summary() {
  const got = await fetch(`${BASE}/summary`);
  return got.json();
}

/**
 * Ask or do something as who is signed in.
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} what came back
 * @throws {Error} with the words of the refusal
 */
export async function ask(method, path, body) {
  return (await asked(method, path, body)).json();
}

/**
 * Keep an answer as a file, as who is signed in.
 * @param {string} path
 * @param {string} name of the file
 * @throws {Error} with the words of the refusal
 */
export async function download(path, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await asked("GET", path)).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS); // a browser may read it a little later
}

/** @param {string} method @param {string} path @param {object} [body] */
async function asked(method, path, body) {
  const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
  const got = await fetch(BASE + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  if (!got.ok) throw new Error(await refusal(got));
  return got;
}

/** What was answered, in the reader's language by its status; the details as the interface words them. @param {Response} got */
async function refusal(got) {
  const details = (await got.json()).error;
  return t("duty.refusal", { what: tCode("refusal", String(got.status)), details });
}

/** Everything the desk shows. Who asks comes first: a mistyped token counts as one wrong one, not as many. */
export async function everything() {
  const me = await ask("GET", "/me");
  const paths = {
    releases: "/releases",
    calls: "/calls?open=true",
    silences: "/silences",
    rosters: "/rosters",
    warnings: "/warnings",
    clocks: "/clocks",
    projections: "/projections",
    items: "/tasks",
    onsets: "/onsets",
    drills: "/drills",
    held: "/drills/scenarios",
  };
  const found = await Promise.all(Object.entries(paths).map(async ([name, path]) => [name, await ask("GET", path)]));
  return { me, ...Object.fromEntries(found) };
}
