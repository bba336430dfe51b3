// What a run's global setup tells the processes of its tests, and what these leave for its verdict.

import { appendFileSync, readFileSync } from "node:fs";

import { Refused } from "./errors.js";

/** @typedef {import("./sandbox.js").Cause} Cause */

/**
 * `failOn` are the causes that fail a test and the run, `prefix` begins the client ids, `caFile` is the
 * certificate to trust (without one, that of MOCK_SERVER_CA), and `allowed` the file that notes which mistakes tests were allowed.
 *
 * @typedef {{ failOn?: Cause[] | undefined, prefix?: string | undefined, caFile?: string | undefined, allowed?: string }} Told
 */

// The variable that the processes of the tests inherit. Users set none but MOCK_SERVER_URL.
const VARIABLE = "OPENAPI_SANDBOX_RUN";

/** @param {Told} told */
export function tell(told) {
  process.env[VARIABLE] = JSON.stringify(told);
}

/** @returns {Told} */
export function told() {
  return { caFile: process.env["MOCK_SERVER_CA"] || undefined, ...JSON.parse(process.env[VARIABLE] ?? "{}") };
}

export function forget() {
  delete process.env[VARIABLE];
}

/**
 * Returns the root of the run's server; throws Refused where none is named.
 */
export function serverUrl() {
  const url = process.env["MOCK_SERVER_URL"];
  if (url) return url.replace(/\/+$/, "");
  throw new Refused(
    "no mock server is named: set MOCK_SERVER_URL, e.g. to http://127.0.0.1:8080, or set MOCK_SERVER_COMMAND, " +
      "e.g. to 'mock-server', and let openapi-sandbox/global-setup start it",
  );
}

/**
 * Notes how many mistakes of each cause an account was allowed, for the verdict of the run.
 *
 * @param {string} clientId
 * @param {Record<string, number>} counts
 */
export function allow(clientId, counts) {
  const { allowed } = told();
  if (allowed) appendFileSync(allowed, `${JSON.stringify([clientId, counts])}\n`);
}

/**
 * Returns how many mistakes of a cause all tests were allowed.
 *
 * @param {string} file
 * @returns {(cause: string) => number}
 */
export function readAllowed(file) {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  /** @type {Map<string, Record<string, number>>} */
  const byAccount = new Map(lines.map((line) => JSON.parse(line)));
  return (cause) => [...byAccount.values()].reduce((sum, counts) => sum + (counts[cause] ?? 0), 0);
}
