// @ts-check
// Sentences of the process that must not be overlooked, such as that all of this is a demonstration.
import { h, replace } from "../dom.js";
import { named, onLanguage } from "../i18n.js";
import { icon } from "../marks.js";
import { store, watch } from "../store.js";

/** @param {HTMLElement} place */
export function notices(place) {
  const draw = () => {
    const said = store.process?.notices ?? [];
    place.hidden = !said.length;
    replace(
      place,
      said.map((notice) => h("p", {}, icon("info"), named(notice))),
    );
  };
  watch(["process"], draw);
  onLanguage(draw);
  draw();
}
