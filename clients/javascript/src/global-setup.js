// The server of a run of Vitest, Jest or node:test, and the verdict on it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseCauses } from "./causes.js";
import { waitUntilHealthy } from "./control-api.js";
import { Refused } from "./errors.js";
import { forget, serverUrl, tell } from "./run.js";
import { ServerProcess } from "./server-process.js";
import { requireOptions } from "./shown-text.js";
import { judge } from "./verdict.js";

/** @typedef {import("./sandbox.js").Cause} Cause */

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
 *
 * @typedef {object} RunOptions
 * @property {string | readonly Cause[]} [failOn]
 * @property {number} [failUnder]
 * @property {number} [failUnderAll]
 * @property {boolean} [report]
 * @property {string} [prefix]
 * @property {string} [caFile]
 */

// The longest wait for a server that MOCK_SERVER_URL names, in seconds.
const HEALTHY_SECONDS = 30;

/** @type {(() => Promise<void>) | undefined} */
let end;

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
export function withOptions(options = {}) {
  requireOptions("withOptions", options, ["failOn", "failUnder", "failUnderAll", "report", "prefix", "caFile"]);
  const failOn = options.failOn === undefined ? undefined : parseCauses(options.failOn);
  const { failUnder, failUnderAll, report, prefix } = options;
  const caFile = options.caFile ?? (process.env["MOCK_SERVER_CA"] || undefined);
  for (const percent of [failUnder, failUnderAll]) {
    if (percent !== undefined && !(percent >= 0 && percent <= 100)) {
      throw new TypeError(`${percent} is not a percentage, a number from 0 to 100.`);
    }
  }
  return async () => {
    const command = process.env["MOCK_SERVER_URL"] ? undefined : process.env["MOCK_SERVER_COMMAND"];
    const server = command ? await ServerProcess.start(command) : undefined;
    if (server) process.env["MOCK_SERVER_URL"] = server.url;
    const url = serverUrl();
    await waitUntilHealthy(url, HEALTHY_SECONDS, { caFile });
    const folder = mkdtempSync(join(tmpdir(), "openapi-sandbox-"));
    const allowed = join(folder, "allowed");
    writeFileSync(allowed, "");
    tell({ failOn, prefix, caFile, allowed });
    end = async () => {
      end = undefined;
      try {
        await requireVerdict(url, { failOn, failUnder, failUnderAll, report });
      } finally {
        if (server) delete process.env["MOCK_SERVER_URL"];
        forget();
        rmSync(folder, { recursive: true });
        await server?.stop();
      }
    };
    return end;
  };
}

/**
 * Prints the verdict where it is wanted; throws Refused where it falls short.
 *
 * @param {string} url
 * @param {import("./verdict.js").Wanted} wanted
 */
async function requireVerdict(url, wanted) {
  const asksCoverage = wanted.failUnder !== undefined || wanted.failUnderAll !== undefined;
  const isJudged = asksCoverage || (wanted.failOn?.length ?? 0) > 0;
  if (!isJudged && !wanted.report) return;
  const { text, reasons } = await judge(url, wanted);
  if (wanted.report) console.log(`mock server report\n${text}`);
  if (reasons.length === 0) return;
  // Vitest prints what a teardown throws, and exits with 0 all the same.
  process.exitCode = 1;
  const hint = wanted.report ? "" : "; the option report shows all of it";
  throw new Refused(`the mock server's verdict falls short: ${reasons.join("; ")}${hint}`);
}

/** Ends what the setup began; for Jest and Node, which call no function that a setup returns. */
export async function globalTeardown() {
  await end?.();
}

/** The setup without options, by the name that Node's --test-global-setup calls. */
export const globalSetup = withOptions();

export default globalSetup;
