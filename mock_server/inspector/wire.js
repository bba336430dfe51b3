// The wire: what a client has sent, which the journal gives as a text of one character for each byte.

const UTF_8 = new TextDecoder();
const STRICT_UTF_8 = new TextDecoder("utf-8", { fatal: true });

export function bytes(sent) {
  return Uint8Array.from(sent, (character) => character.charCodeAt(0));
}

// The bytes as they are, those beyond ASCII as e.g. `\xff`.
export function raw(sent) {
  return sent.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

// One round of form decoding, e.g. `a%20b+c` is `a b c`; what is not UTF-8 becomes U+FFFD.
export function decoded(sent) {
  const octets = sent
    .replaceAll("+", " ")
    .replace(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  return UTF_8.decode(bytes(octets));
}

// The parameters of a query in their order: {name, value, raw}, of which the first two are decoded.
export function parameters(query) {
  return query
    .split("&")
    .filter(Boolean)
    .map((pair) => {
      const [name, value = ""] = pair.split(/=(.*)/s, 2);
      return { name: decoded(name), value: decoded(value), raw: raw(pair) };
    });
}

// The text that bytes are in UTF-8; null where they are none.
export function utf8(octets) {
  try {
    return STRICT_UTF_8.decode(octets);
  } catch {
    return null;
  }
}

export function target(entry) {
  return raw(entry.query ? `${entry.path}?${entry.query}` : entry.path);
}
