// Numbers, exactly: one that JavaScript would round is kept as its text.

const LONG = /[[:,]\s*-?\d{16}/;

// The value of a JSON text. A number that would be rounded is an object that JSON.stringify writes as it was.
export function parsed(json) {
  return LONG.test(json) && JSON.rawJSON ? JSON.parse(json, exact) : JSON.parse(json);
}

function exact(_name, value, { source }) {
  return isRounded(value) ? JSON.rawJSON(source) : value;
}

// What was typed: a number, or else the text, for the server to say what is wrong with it.
export function typed(text) {
  try {
    const value = parsed(text.includes(",") ? "" : `[${text}]`)[0];
    const isExact = Number.isFinite(value) && !isRounded(value);
    return isExact || JSON.isRawJSON?.(value) ? value : text;
  } catch {
    return text;
  }
}

function isRounded(value) {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

// A value of a record as one reads it: a text as it is, anything else as JSON.
export function display(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

// E.g. `1 record`, `1,000 records`.
export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
