// @ts-check
// The little that is needed to build and update elements. Text is always set as text, never parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes and children. `onclick` and the like are listeners; null, undefined and false are left out,
 * but for aria-*, where false is a value.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  return /** @type {HTMLElement} */ (fill(document.createElement(tag), attributes, children));
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return /** @type {SVGElement} */ (fill(document.createElementNS(SVG, tag), attributes, children));
}

/**
 * @param {Element} element
 * @param {Record<string, any>} attributes
 * @param {(Child | Child[])[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function present(children) {
  const kept = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  return kept.map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * Put these children in the place of the old ones; what had the focus has it again if it is still there by its id.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function replace(parent, ...children) {
  keepingFocus(parent, () => parent.replaceChildren(...present(children)));
}

/**
 * @param {Element} parent
 * @param {() => void} change
 */
function keepingFocus(parent, change) {
  const focused = document.activeElement;
  const id = focused && parent.contains(focused) ? focused.id : "";
  change();
  if (id && document.activeElement !== focused) document.getElementById(id)?.focus({ preventScroll: true });
}

/**
 * Keeps one element an item, in the order of the items; an element is made anew only when its item is another object.
 * @template Item
 * @param {Element} parent
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => Element} make
 */
export function keyedList(parent, keyOf, make) {
  /** @type {Map<string, {item: Item, element: Element}>} */
  let shown = new Map();

  /** @param {Item[]} items */
  function show(items) {
    const next = new Map();
    for (const item of items) {
      const old = shown.get(keyOf(item));
      next.set(keyOf(item), old && old.item === item ? old : { item, element: make(item) });
    }
    shown = next;
    keepingFocus(parent, () => place([...next.values()].map((entry) => entry.element)));
  }

  /** @param {Element[]} elements */
  function place(elements) {
    const wanted = new Set(elements);
    for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
    elements.forEach((element, index) => {
      if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
    });
  }

  return { show, forget: () => shown.clear() };
}
