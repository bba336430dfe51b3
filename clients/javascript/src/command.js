// The program that runs tests against a server, and fails where they fail or the verdict on it falls short.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";

import { withOptions } from "./global-setup.js";

const USAGE = `Usage: openapi-sandbox [OPTIONS] -- COMMAND...

Starts a server by MOCK_SERVER_COMMAND, unless MOCK_SERVER_URL names one, runs a command such as
'node --test' with MOCK_SERVER_URL set, stops the server, and exits as the command does, or with 1
where the verdict falls short.

  --fail-on CAUSES      What fails a test, and the run: some of violations,warnings,unfired,empty, or none.
  --fail-under PERCENT  Percentage of coverage below which the run fails, of the operations that were called.
  --fail-under-all PERCENT
                        Percentage of coverage below which the run fails, of all operations.
  --report              Print what the clients under test got wrong, and what they never tried.
  --prefix PREFIX       Begins the client ids of this run, so that several runs can share a server.
  --ca FILE             Certificate (PEM) of the authority to trust, for a server with https.
`;

const OPTIONS = /** @type {const} */ ({
  "fail-on": { type: "string" },
  "fail-under": { type: "string" },
  "fail-under-all": { type: "string" },
  report: { type: "boolean" },
  prefix: { type: "string" },
  ca: { type: "string" },
  help: { type: "boolean" },
});

/**
 * Runs the program; returns its exit status, and throws an error with a sentence for what it cannot do.
 *
 * @param {string[]} args
 */
export async function main(args) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [program, ...words] = positionals;
  if (values.help || program === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const end = await withOptions(runOptions(values))();
  const child = spawn(program, words, { stdio: "inherit" });
  // Whoever stops this program stops the tests; it ends after them, with the server.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
  let status = 1;
  try {
    const [code] = await once(child, "exit");
    status = code ?? 1;
  } finally {
    await end();
  }
  return status;
}

/**
 * @param {{ "fail-on"?: string, "fail-under"?: string, "fail-under-all"?: string, report?: boolean, prefix?: string,
 *   ca?: string }} values
 */
function runOptions(values) {
  const { "fail-under": percent, "fail-under-all": percentOfAll } = values;
  return {
    ...(values["fail-on"] !== undefined && { failOn: values["fail-on"] }),
    ...(percent !== undefined && { failUnder: Number(percent || NaN) }),
    ...(percentOfAll !== undefined && { failUnderAll: Number(percentOfAll || NaN) }),
    ...(values.prefix !== undefined && { prefix: values.prefix }),
    ...(values.ca !== undefined && { caFile: values.ca }),
    report: values.report ?? false,
  };
}
