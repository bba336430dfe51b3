// Numbers, exactly: one that JavaScript would round is kept as its text.

const LONG = /[[:,]\s*-?\d{16}/;

// The value of a JSON text. A number that would be rounded is an object that JSON.stringify writes as it was.
export function parsed(json) {
  return LONG.test(json) && JSON.rawJSON ? JSON.parse(json, exact) : JSON.parse(json);
}

function exact(_name, value, { source }) {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? JSON.rawJSON(source) : value;
}

// What was typed: a number, or else the text, for the server to say what is wrong with it.
export function typed(text) {
  try {
    const value = parsed(`[${text.trim()}]`)[0];
    return Number.isFinite(value) || JSON.isRawJSON?.(value) ? value : text;
  } catch {
    return text;
  }
}

// A value of a record as one reads it: a text as it is, anything else as JSON.
export function shown(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}
