// @ts-check
// The tree of sensors. Only rows within sight are in the document, however many sensors there are.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { root } from "../sensors.js";
import { giveUpSeries } from "../series.js";
import { rowOf } from "./row.js";

/** @typedef {import("../types").TreeNode} TreeNode */

const ROW_PX = 32;
const ROWS_BEYOND = 6;

/** Rows, the one the keyboard is at, and which places are open. */
export class Tree {
  /** @param {(leaf: TreeNode) => void} choose called with the sensor that is looked at */
  constructor(choose) {
    this.choose = choose;
    /** @type {TreeNode[]} */
    this.rows = [];
    /** @type {Set<string>} */
    this.open = new Set();
    /** @type {Set<string>} */
    this.shut = new Set();
    /** @type {Set<string> | null} */
    this.matching = null;
    this.active = "";
    /** @type {Map<string, {at: TreeNode, element: HTMLElement}>} */
    this.drawn = new Map();
    this.sizer = h("div", { class: "tree-sizer", role: "presentation" });
    this.element = h("div", { class: "tree", role: "tree", tabindex: 0 }, this.sizer);
    this.element.addEventListener("scroll", () => this.draw());
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Open what leads to trouble, and the topmost places. */
  openTrouble() {
    const visit = (/** @type {TreeNode} */ at) => {
      if (!at.sensor && (at.depth <= 1 || at.counts.alarm)) this.open.add(at.id);
      at.children.forEach(visit);
    };
    visit(root);
  }

  /** @param {Set<string> | null} matching ids of the places and sensors to show; null: all */
  filter(matching) {
    if (matching === null || this.matching === null) this.shut.clear();
    this.matching = matching;
    this.layout();
  }

  /** Which rows there are: after opening, shutting, filtering, or a new catalogue. */
  layout() {
    this.rows = [];
    const visit = (/** @type {TreeNode} */ at) => {
      if (this.matching && !this.matching.has(at.id)) return;
      this.rows.push(at);
      if (this.isOpen(at)) at.children.forEach(visit);
    };
    root.children.forEach(visit);
    this.sizer.style.height = `${this.rows.length * ROW_PX}px`;
    this.redraw();
  }

  /** Draw all rows in sight anew. */
  redraw() {
    for (const id of [...this.drawn.keys()]) this.drop(id);
    this.element.setAttribute("aria-label", t("sensors.tree"));
    this.draw();
  }

  /** Draw the rows of these sensors, and the places with their counts, anew. @param {Set<string>} changed */
  refresh(changed) {
    for (const { at, element } of this.drawn.values()) {
      if (!at.sensor || changed.has(at.sensor.id)) this.renew(at, element);
    }
  }

  /** The element stays, so that a press that began on it ends on it. @param {TreeNode} at @param {HTMLElement} element */
  renew(at, element) {
    const fresh = rowOf(at, this.isOpen(at));
    element.className = fresh.className;
    element.title = fresh.title;
    element.replaceChildren(...fresh.childNodes);
  }

  draw() {
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_PX) - ROWS_BEYOND);
    const beyond = Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW_PX) + ROWS_BEYOND;
    const inSight = new Set(this.rows.slice(first, beyond).map((at) => at.id));
    for (const id of [...this.drawn.keys()]) if (!inSight.has(id)) this.drop(id);
    this.rows.slice(first, beyond).forEach((at, place) => this.put(at, first + place));
    if (this.active && this.drawn.has(this.active)) this.element.setAttribute("aria-activedescendant", this.active);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {TreeNode} at @param {number} place */
  put(at, place) {
    let row = this.drawn.get(at.id);
    if (!row) {
      row = { at, element: rowOf(at, this.isOpen(at)) };
      this.drawn.set(at.id, row);
      this.sizer.append(row.element);
    }
    row.element.style.transform = `translateY(${place * ROW_PX}px)`;
    row.element.setAttribute("aria-selected", String(at.id === this.active));
  }

  /** @param {string} id */
  drop(id) {
    const row = this.drawn.get(id);
    row?.element.remove();
    this.drawn.delete(id);
    if (row?.at.sensor) giveUpSeries(row.at.sensor.id);
  }

  /** @param {TreeNode} at */
  isOpen(at) {
    return !at.sensor && (this.matching ? !this.shut.has(at.id) : this.open.has(at.id));
  }

  /** @param {TreeNode} at @param {boolean} open */
  setOpen(at, open) {
    if (open) {
      this.open.add(at.id);
      this.shut.delete(at.id);
    } else {
      this.open.delete(at.id);
      this.shut.add(at.id);
    }
    this.layout();
  }

  /** @param {TreeNode | undefined} at */
  goTo(at) {
    if (!at) return;
    this.active = at.id;
    const top = this.rows.indexOf(at) * ROW_PX;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_PX > scrollTop + clientHeight) this.element.scrollTop = top + ROW_PX - clientHeight;
    this.draw();
    if (at.sensor) this.choose(at);
  }

  /** @param {MouseEvent} event */
  click(event) {
    const row = event.target instanceof Element ? event.target.closest(".row") : null;
    const at = this.rows.find((one) => one.id === row?.id);
    if (!at) return;
    this.goTo(at);
    if (!at.sensor) this.setOpen(at, !this.isOpen(at));
  }

  /** The keys of a tree view (WAI-ARIA Authoring Practices). @param {KeyboardEvent} event */
  key(event) {
    const place = this.rows.findIndex((row) => row.id === this.active);
    const at = this.rows[place];
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 1);
    /** @type {Record<string, () => void>} */
    const moves = {
      ArrowDown: () => this.goTo(this.rows[Math.min(place + 1, this.rows.length - 1)]),
      ArrowUp: () => this.goTo(this.rows[Math.max(place - 1, 0)]),
      PageDown: () => this.goTo(this.rows[Math.min(place + page, this.rows.length - 1)]),
      PageUp: () => this.goTo(this.rows[Math.max(place - page, 0)]),
      Home: () => this.goTo(this.rows[0]),
      End: () => this.goTo(this.rows.at(-1)),
      ArrowRight: () => at && (this.isOpen(at) || at.sensor ? this.goTo(at.children[0]) : this.setOpen(at, true)),
      ArrowLeft: () => at && (this.isOpen(at) ? this.setOpen(at, false) : this.goTo(this.above(at))),
      Enter: () => at && !at.sensor && this.setOpen(at, !this.isOpen(at)),
      " ": () => at && !at.sensor && this.setOpen(at, !this.isOpen(at)),
    };
    if (!(event.key in moves) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    moves[event.key]();
  }

  /** @param {TreeNode} at */
  above(at) {
    return at.parent && at.parent !== root ? at.parent : at;
  }
}
