// Texts and values in messages, in the same words as those of the Python client.

// What Python's str.isprintable refuses: https://docs.python.org/3/library/stdtypes.html#str.isprintable
const NOT_PRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * Returns at most `limit` characters of a text, with U+FFFD for each that is not printable.
 *
 * @param {string} text
 * @param {number} [limit]
 */
export function printable(text, limit = Infinity) {
  const characters = limit === Infinity ? text : [...text];
  const short = characters.length <= limit ? text : `${[...text].slice(0, limit).join("")}…`;
  return short.replace(NOT_PRINTABLE, "\uFFFD");
}

/**
 * Returns a text in quotation marks, e.g. `'nightly'`.
 *
 * @param {string} text
 */
export function quoted(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`);
  return `${mark}${printable(escaped)}${mark}`;
}

/**
 * Returns a value as JSON with spaces, e.g. `{"limit": 5, "eventType": ["a", "b"]}`.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function shownJson(value) {
  if (Array.isArray(value)) return `[${value.map(shownJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return printable(JSON.stringify(value) ?? "null");
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  const pairs = given.map(([name, each]) => `${printable(JSON.stringify(name))}: ${shownJson(each)}`);
  return `{${pairs.join(", ")}}`;
}

/**
 * Returns a value as JSON to send; throws TypeError for one that has none.
 *
 * @param {unknown} value
 */
export function toJson(value) {
  const text = JSON.stringify(value, (_, each) => {
    if (typeof each === "number" && !Number.isFinite(each)) {
      throw new TypeError(`${each} can't be sent as JSON, which has no such number`);
    }
    if (typeof each === "function" || typeof each === "symbol") {
      throw new TypeError(`a ${typeof each} can't be sent as JSON`);
    }
    return each;
  });
  if (text === undefined) throw new TypeError("undefined can't be sent as JSON");
  return text;
}

/**
 * Refuses options that a call does not have; throws TypeError with those that it has.
 *
 * @param {string} call
 * @param {unknown} given
 * @param {readonly string[]} known
 */
export function requireOptions(call, given, known) {
  const offered = `${call}() takes options in an object, of ${known.join(", ")}`;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${printable(String(given), 60)} is no object; ${offered}`);
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new TypeError(`'${printable(name, 60)}' is no option; ${offered}`);
  }
}
