/**
 * Returns the causes that a text or a list names, e.g. `["unfired"]`, and `[]` for `"none"`.
 *
 * Throws TypeError with a sentence for one that is none.
 *
 * @param {string | readonly string[]} given
 * @returns {Cause[]}
 */
export function parseCauses(given: string | readonly string[]): Cause[];
/** @typedef {import("./sandbox.js").Cause} Cause */
/** @type {readonly Cause[]} */
export const CAUSES: readonly Cause[];
export type Cause = import("./sandbox.js").Cause;
