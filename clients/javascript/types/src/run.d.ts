/** @param {Told} told */
export function tell(told: Told): void;
/** @returns {Told} */
export function told(): Told;
export function forget(): void;
/**
 * Returns the root of the run's server; throws Refused where none is named.
 */
export function serverUrl(): string;
/**
 * Notes how many mistakes of each cause an account was allowed, for the verdict of the run.
 *
 * @param {string} clientId
 * @param {Record<string, number>} counts
 */
export function allow(clientId: string, counts: Record<string, number>): void;
/**
 * Returns how many mistakes of a cause all tests were allowed.
 *
 * @param {string} file
 * @returns {(cause: string) => number}
 */
export function readAllowed(file: string): (cause: string) => number;
export type Cause = import("./sandbox.js").Cause;
/**
 * `failOn` are the causes that fail a test and the run, `prefix` begins the client ids, `caFile` is the
 * certificate to trust (without one, that of MOCK_SERVER_CA), and `allowed` the file that notes which mistakes tests were allowed.
 */
export type Told = {
    failOn?: Cause[] | undefined;
    prefix?: string | undefined;
    caFile?: string | undefined;
    allowed?: string;
};
