/**
 * Returns the URL of a server's root without a slash at its end; throws TypeError where it is none.
 *
 * @param {string} url
 */
export function parseRoot(url: string): string;
/** @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }} Answer */
/**
 * What an answer may take: seconds until the next piece, seconds in all, and bytes.
 *
 * @typedef {{ wait: number, whole?: number, size?: number }} Limits
 */
/** @type {Limits} */
export const USUAL_LIMITS: Limits;
/** The connections to a server, kept open between calls, and opened anew where they are gone. */
export class Connections {
    /**
     * @param {string} url the server's root
     * @param {string | undefined} caFile the certificate (PEM) of the authority to trust, for https
     */
    constructor(url: string, caFile: string | undefined);
    url: string;
    /**
     * Returns the answer to a request; throws TransportError where there is none within `limits`.
     *
     * @param {string} method
     * @param {string} path
     * @param {string | undefined} body
     * @param {Record<string, string>} headers
     * @param {Limits} limits
     * @returns {Promise<Answer>}
     */
    send(method: string, path: string, body: string | undefined, headers: Record<string, string>, limits: Limits): Promise<Answer>;
    #private;
}
export type Answer = {
    status: number;
    headers: import("node:http").IncomingHttpHeaders;
    body: Buffer;
};
/**
 * What an answer may take: seconds until the next piece, seconds in all, and bytes.
 */
export type Limits = {
    wait: number;
    whole?: number;
    size?: number;
};
