// @ts-check
// The interface behind the duty desk: who is signed in, what they see, what they do. The token stays in this tab.

const BASE = "/api/v1";
const KEY = "forewarn.token";

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
  const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
  const got = await fetch(BASE + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  const told = await got.json();
  if (!got.ok) throw new Error(told.error);
  return told;
}

/** Everything the desk shows. */
export async function everything() {
  const paths = ["/me", "/releases", "/calls?open=true", "/silences", "/rosters", "/warnings", "/clocks", "/projections"];
  const [me, releases, calls, silences, rosters, warnings, clocks, projections] = await Promise.all(
    paths.map((path) => ask("GET", path)),
  );
  return { me, releases, calls, silences, rosters, warnings, clocks, projections };
}
