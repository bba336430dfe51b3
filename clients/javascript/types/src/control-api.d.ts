/**
 * Returns a text encoded as one segment of a path, e.g. `a%2Fb`, and `%2E%2E` for `..`.
 *
 * @param {string} text
 */
export function pathSegment(text: string): string;
/**
 * Returns the health of the server at a root as soon as it is ready.
 *
 * E.g. `(await waitUntilHealthy("http://127.0.0.1:8080", 10)).basePath` is `"/api"`. Asks at least once.
 * Throws TypeError where `url` is no URL, and OtherServer at once where another kind of server answers, or
 * `url` goes on behind the root of a mock server; TransportError where no server is ready within `seconds`.
 *
 * @param {string} url
 * @param {number} [seconds]
 * @param {{ caFile?: string | undefined }} [options] `caFile`: the certificate (PEM) to trust, for https
 * @returns {Promise<Health>}
 */
export function waitUntilHealthy(url: string, seconds?: number, { caFile }?: {
    caFile?: string | undefined;
}): Promise<Health>;
/** @typedef {import("./control.js").MockHealth} Health */
export const CONTROL_PATH: "/_mock";
/** The control API at a server's root, e.g. `http://127.0.0.1:8080`, called as one account. */
export class ControlApi {
    /**
     * @param {string} url
     * @param {string | undefined} authorization
     * @param {string | undefined} caFile
     * @param {string | undefined} [token] that of an account which the client id only shows
     */
    constructor(url: string, authorization: string | undefined, caFile: string | undefined, token?: string | undefined);
    url: string;
    isAnother: boolean;
    /**
     * The names of the servers that had the account first and that answered last.
     *
     * @type {[string | undefined, string | undefined]}
     */
    replicas: [string | undefined, string | undefined];
    /** Takes the account that answers next for the one that is meant. */
    forgetAccount(): void;
    /**
     * Returns the server's health, without credentials, within so many seconds.
     *
     * @param {number} [seconds]
     * @returns {Promise<Health>}
     */
    health(seconds?: number): Promise<Health>;
    /**
     * Returns the answer to `GET /report`, within 10 seconds and 64,000,000 bytes.
     *
     * @param {Record<string, unknown>} params
     * @returns {Promise<import("./control.js").MockReport>}
     */
    report(params: Record<string, unknown>): Promise<import("./control.js").MockReport>;
    /**
     * Returns the JSON of an answer, null where it has no body.
     *
     * `path` is below `/_mock`, `body` is sent as JSON and `params` as the query, without those that are
     * undefined, e.g. `call("PUT", "/clock", { advance: 61 })`.
     *
     * @param {string} method
     * @param {string} path
     * @param {unknown} [body]
     * @param {Record<string, unknown>} [params]
     * @param {import("./http.js").Limits} [limits]
     * @returns {Promise<any>}
     */
    call(method: string, path: string, body?: unknown, params?: Record<string, unknown>, limits?: import("./http.js").Limits): Promise<any>;
    #private;
}
export type Health = import("./control.js").MockHealth;
