/**
 * Returns the name under which a server shows a token, which is that of its account, e.g. `token-2cf24dba5fb0a30e`.
 *
 * @param {string} token
 */
export function shownName(token: string): string;
/**
 * Returns whether a client id and a secret name an account of the document.
 *
 * @param {import("./control-api.js").Health} health
 */
export function takesPair(health: import("./control-api.js").Health): boolean;
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
export function carry(health: import("./control-api.js").Health, token: string, isPair: boolean): {
    headers: Texts;
    params: Texts;
    cookies: Texts;
    takesBasic: boolean;
};
export const RESERVED: string[];
export type Wanted = import("./control.js").MockCredentials;
export type Texts = Record<string, string>;
