// What can fail a test and a run.

import { printable } from "./shown-text.js";

/** @typedef {import("./sandbox.js").Cause} Cause */

/** @type {readonly Cause[]} */
export const CAUSES = ["violations", "warnings", "unfired", "empty"];

/**
 * Returns the causes that a text or a list names, e.g. `["unfired"]`, and `[]` for `"none"`.
 *
 * Throws TypeError with a sentence for one that is none.
 *
 * @param {string | readonly string[]} given
 * @returns {Cause[]}
 */
export function parseCauses(given) {
  const names = (typeof given === "string" ? given.split(",") : [...given]).map((each) => String(each).trim());
  if (names.length === 1 && names[0] === "none") return [];
  for (const name of names) {
    if (!CAUSES.some((cause) => cause === name)) {
      throw new TypeError(`'${printable(name, 60)}' is none of ${CAUSES.join(", ")}, nor 'none' alone.`);
    }
  }
  return CAUSES.filter((cause) => names.includes(cause));
}
