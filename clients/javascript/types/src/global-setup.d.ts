/**
 * Returns a global setup with options, for the default export of a file of your own:
 * `export default withOptions({ failOn: "violations,unfired", failUnder: 60 })`.
 *
 * It waits until the server that MOCK_SERVER_URL names is ready, or starts one by MOCK_SERVER_COMMAND and sets
 * MOCK_SERVER_URL. Vitest calls what the setup returns at the end; for Jest, name
 * `openapi-sandbox/global-teardown` too. Both throw where the verdict falls short.
 *
 * @param {RunOptions} [options]
 */
export function withOptions(options?: RunOptions): () => Promise<() => Promise<void>>;
/** Ends what the setup began; for Jest and Node, which call no function that a setup returns. */
export function globalTeardown(): Promise<void>;
export function globalSetup(): Promise<() => Promise<void>>;
export default globalSetup;
export type Cause = import("./sandbox.js").Cause;
/**
 * What a run is told.
 *
 * - `failOn`: what fails a test, and the run, of `"violations"`, `"warnings"`, `"unfired"` and `"empty"`, as a
 *   list or a text with commas, or `"none"`; where it is left out, an unfired fault fails a test
 * - `failUnder`: the percentage of the coverage of the operations that were called below which the run fails, and
 *   `failUnderAll`: that of all operations
 * - `report`: whether to print at the end what the clients under test got wrong, and what they never tried
 * - `prefix`: begins the client ids of this run, so that several runs can share a server
 * - `caFile`: the file of the certificate to trust, for a server with https; also MOCK_SERVER_CA
 */
export type RunOptions = {
    failOn?: string | readonly Cause[];
    failUnder?: number;
    failUnderAll?: number;
    report?: boolean;
    prefix?: string;
    caFile?: string;
};
