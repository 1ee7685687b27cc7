// @ts-check
// What the duty desk shows of warnings in force: clocks, who was not reached and whom to call, amending by hand.
import { ask } from "../duty.js";
import { h, replace } from "../dom.js";
import { count, dayTime, percent } from "../format.js";
import { named, t } from "../i18n.js";
import { levelMark } from "../marks.js";
import { LEVELS, button, choice, description, field, headline } from "./duty_lists.js";

/** @typedef {import("./duty_lists.js").Do} Do */

const OPEN = ["running", "overdue"];

/** The worst first. @param {any[]} rows @param {any[]} clocks @param {Do} act */
export function warningList(rows, clocks, act) {
  if (!rows.length) return h("p", { class: "hint" }, t("duty.no_warnings"));
  const rank = (/** @type {any} */ report) => LEVELS.indexOf(report.level);
  const one = (/** @type {any} */ report) => {
    const mine = clocks.filter((clock) => clock.chain === report.chain);
    return h(
      "li",
      { "data-chain": report.chain },
      h("p", {}, levelMark(rank(report)), " ", h("strong", {}, headline(report))),
      h("p", { class: "said" }, description(report)),
      mine.map((clock) => clockLine(clock, act)),
      report.hazard === "sensor_fault" ? null : reached(report.chain),
      amendForm(report.chain, act),
    );
  };
  return h("ul", { class: "in-force" }, [...rows].sort((a, b) => rank(b) - rank(a)).map(one));
}

/** Channels that something waits in; those that will be too late stand out. @param {any[]} rows */
export function projectionList(rows) {
  const one = (/** @type {any} */ row) => {
    const late = row.finish_at && row.needed_by && row.finish_at > row.needed_by;
    const words = [
      row.channel,
      t("duty.in_channel", { n: count(row.waiting) }),
      row.finish_at ? t("duty.through", { at: dayTime(row.finish_at) }) : t("duty.through_unknown"),
      ...(late ? [t("duty.too_late", { at: dayTime(row.needed_by) })] : []),
    ];
    return h("li", { class: late ? "refused" : "" }, words.join(" · "));
  };
  return rows.length ? h("ul", { class: "projections" }, rows.map(one)) : h("p", { class: "hint" }, t("duty.sent_all"));
}

/** @param {any} clock @param {Do} act */
function clockLine(clock, act) {
  const meet = () => act(() => ask("POST", `/clocks/${clock.chain}/${encodeURIComponent(clock.name)}/met`));
  const words = t("duty.clock", { name: clock.name, state: t(`clock.${clock.state}`), at: dayTime(clock.due_at) });
  return h(
    "div",
    { class: "acts clock" },
    h("span", { class: ["overdue", "late"].includes(clock.state) ? "refused" : "hint" }, words),
    OPEN.includes(clock.state) ? button("meet", "duty.clock_met", meet) : null,
  );
}

/** A button that gives way to how much of the population was reached. @param {string} chain */
function reached(chain) {
  const place = h("div", { class: "reached-people" });
  const look = async () => {
    try {
      replace(place, ...coverage(await ask("GET", `/warnings/${chain}/coverage`)));
    } catch (error) {
      replace(place, h("p", { class: "refused" }, String(/** @type {Error} */ (error).message)));
    }
  };
  place.append(button("reached", "duty.who_reached", look));
  return place;
}

/** @param {any} found */
function coverage(found) {
  const words = t("duty.coverage", {
    confirmed: percent(found.confirmed.likely),
    expected: percent(found.expected.likely),
    people: count(found.population),
  });
  const village = (/** @type {any} */ one) => {
    const people = one.population === null ? t("duty.people_unknown") : t("card.population", { n: count(one.population) });
    const share = one.expected === null ? t("duty.share_unknown") : percent(one.expected.likely);
    const call = one.contact ? t("duty.call", { who: `${one.contact.name} ${one.contact.telephone}` }) : t("duty.no_contact");
    return h("li", {}, [named({ zh: one.name_zh, en: one.name_en }), people, share, call].join(" · "));
  };
  return [
    h("p", {}, words),
    found.not_reached.length ? h("p", { class: "refused" }, t("duty.not_reached", { n: found.not_reached.length })) : null,
    h("ul", { class: "not-reached" }, found.not_reached.map(village)),
  ];
}

/** @param {string} chain @param {Do} act */
function amendForm(chain, act) {
  const to = choice(
    `amend-${chain}`,
    LEVELS.map((level, number) => [level, number ? t(`level.${number}`) : t("duty.withdrawn")]),
  );
  const why = field(`why-${chain}`, { type: "text", maxlength: 500, required: true });
  const order = (/** @type {Event} */ event) => {
    event.preventDefault();
    act(() => ask("POST", `/warnings/${chain}/amend`, { to: to.value, why: why.value }));
  };
  return h(
    "form",
    { class: "amend", onsubmit: order },
    h("label", {}, t("duty.amend_to"), to),
    h("label", {}, t("duty.reason"), why),
    h("button", { type: "submit", class: "do-amend" }, t("duty.amend")),
  );
}
