// The credentials of an account, as the document of a server wants them to be sent.

import { createHash } from "node:crypto";

/** @typedef {import("./control.js").MockCredentials} Wanted */
/** @typedef {Record<string, string>} Texts */

// What a document wants where a server's health says nothing else.
/** @type {readonly Wanted[]} */
const BASIC = [{ in: "header", name: "Authorization", scheme: "Basic", holds: "pair" }];

// Client ids that always get one answer, and the one that acts for requests without credentials.
export const RESERVED = ["anonymous", "unauthorized", "forbidden", "throttled", "broken", "slow", "default"];

/**
 * Returns the name under which a server shows a token, which is that of its account, e.g. `token-2cf24dba5fb0a30e`.
 *
 * @param {string} token
 */
export function shownName(token) {
  if (RESERVED.includes(token)) return token;
  return `token-${createHash("sha256").update(token).digest("hex").slice(0, 16)}`;
}

/**
 * Returns whether a client id and a secret name an account of the document.
 *
 * @param {import("./control-api.js").Health} health
 */
export function takesPair(health) {
  return wantedBy(health).some(({ holds }) => holds === "pair");
}

/**
 * Returns what a client sends beside Basic: headers, query parameters and cookies, by their names.
 *
 * `isPair` says that Basic's client id and secret name the account, so that no other Authorization header is
 * sent, and nothing where the document takes tokens alone.
 *
 * @param {import("./control-api.js").Health} health
 * @param {string} token
 * @param {boolean} isPair
 */
export function carry(health, token, isPair) {
  const places = { header: /** @type {Texts} */ ({}), query: /** @type {Texts} */ ({}), cookie: /** @type {Texts} */ ({}) };
  const wanted = wantedBy(health);
  const takesBasic = wanted.some(({ scheme, holds }) => scheme === "Basic" && (isPair || holds === "token"));
  for (const { in: place, name, scheme, holds } of isPair && !takesPair(health) ? [] : wanted) {
    if (holds === "pair" || scheme === "Basic" || (isPair && name === "Authorization")) continue;
    places[place][name] ??= scheme ? `${scheme} ${token}` : token;
  }
  return { headers: places.header, params: places.query, cookies: places.cookie, takesBasic };
}

/** @param {import("./control-api.js").Health} health */
function wantedBy(health) {
  return health.credentials ?? BASIC;
}
