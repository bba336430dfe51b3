/**
 * Returns at most `limit` characters of a text, with U+FFFD for each that is not printable.
 *
 * @param {string} text
 * @param {number} [limit]
 */
export function printable(text: string, limit?: number): string;
/**
 * Returns a text in quotation marks, e.g. `'nightly'`.
 *
 * @param {string} text
 */
export function quoted(text: string): string;
/**
 * Returns a value as JSON with spaces, e.g. `{"limit": 5, "eventType": ["a", "b"]}`.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function shownJson(value: unknown): string;
/**
 * Returns a value as JSON to send; throws TypeError for one that has none.
 *
 * @param {unknown} value
 */
export function toJson(value: unknown): string;
/**
 * Refuses options that a call does not have; throws TypeError with those that it has.
 *
 * @param {string} call
 * @param {unknown} given
 * @param {readonly string[]} known
 */
export function requireOptions(call: string, given: unknown, known: readonly string[]): void;
