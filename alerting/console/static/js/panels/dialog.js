// @ts-check
// What every dialog has.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../marks.js";

/** @param {HTMLDialogElement} dialog */
export function closeButton(dialog) {
  const words = t("close");
  return h(
    "button",
    { type: "button", class: "square", "aria-label": words, title: words, onclick: () => dialog.close() },
    icon("close"),
  );
}
