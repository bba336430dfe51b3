// The verdict of a run: what its server says of all accounts, and whether the run fails on it.

import { SandboxError, TransportError } from "./errors.js";
import { readAllowed, told } from "./run.js";
import { Sandbox } from "./sandbox.js";
import { printable } from "./shown-text.js";

/** @typedef {import("./sandbox.js").Cause} Cause */
/** @typedef {import("./sandbox.js").Report} Report */

/**
 * What a run is judged by: the causes and the percentages of coverage that fail it. The verdict is printed
 * where `report` is true.
 *
 * @typedef {{ failOn?: Cause[] | undefined, failUnder?: number | undefined, failUnderAll?: number | undefined,
 *   report?: boolean | undefined }} Wanted
 */

// The account that every server has, so that asking makes none.
const ANONYMOUS = "anonymous";

/**
 * Returns the verdict on a server as text, and why the run fails on it, empty where it does not.
 *
 * @param {string} url
 * @param {Wanted} wanted
 * @returns {Promise<{ text: string, reasons: string[] }>}
 */
export async function judge(url, { failOn, failUnder, failUnderAll }) {
  const { caFile, allowed: file } = told();
  try {
    const server = await Sandbox.open(url, ANONYMOUS, "", { caFile });
    if ([failOn, failUnder, failUnderAll].every((each) => each === undefined)) {
      return { text: render(await server.report({ account: "*" })), reasons: [] };
    }
    const allowed = file === undefined ? () => 0 : readAllowed(file);
    const { counts } = await server.report({ account: "*", failOn: [] });
    const failing = (failOn ?? []).filter((cause) => !counts[cause] || counts[cause] > allowed(cause));
    const limits = {
      ...(failUnder !== undefined && { failUnder }),
      ...(failUnderAll !== undefined && { failUnderAll }),
    };
    const report = await server.report({ account: "*", failOn: failing, ...limits });
    return { text: render(report), reasons: reasonsOf(report, allowed) };
  } catch (error) {
    if (!(error instanceof SandboxError || error instanceof TransportError)) throw error;
    const message =
      error instanceof SandboxError && error.status === 401
        ? `the mock server at ${url} accepts only the credentials that it was started with`
        : error.message;
    return { text: `There is none: ${message}`, reasons: [`there is no report: ${message}`] };
  }
}

/**
 * Returns why a report falls short, e.g. `4 violations, of which tests allow 3`.
 *
 * @param {Report} report
 * @param {(cause: string) => number} allowed
 */
function reasonsOf({ failOn, counts, reasons }, allowed) {
  // The first reasons are those of the causes, in their order.
  const came = failOn.filter((cause) => counts[cause]);
  return reasons.map((reason, index) => {
    const number = allowed(came[index] ?? "");
    return number ? `${reason}, of which tests allow ${number}` : reason;
  });
}

/** @param {Report} report */
function render({ passed, reasons, violations, warnings, unfiredFaults, coverage }) {
  const mistakes = [...violations, ...warnings].map(
    ({ kind, code, message, count, example }) => `  ${kind} ${code} (${count}×): ${message}\n    ${example}`,
  );
  const unfired = unfiredFaults.map(({ id, fired, remaining }) => `  ${id}: ${fired} fired, ${remaining} left`);
  const untried = coverage.operations.flatMap(({ operation, percent, groups }) => [
    `  ${operation}: ${percent} %`,
    ...groups.flatMap(({ group, points }) => {
      const missing = points.filter(({ covered }) => !covered).map(({ name }) => name);
      return missing.length > 0 ? [`    ${group}, never tried: ${missing.join(", ")}`] : [];
    }),
  ]);
  const lines = [
    `All accounts: ${passed ? "passed" : "falls short"}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...mistakes.flatMap((each) => each.split("\n")),
    ...(unfired.length > 0 ? ["Unfired faults:", ...unfired] : []),
    `Coverage: ${coverage.percent} % (${coverage.covered} of ${coverage.total})`,
    ...ofCalled(coverage),
    ...untried,
  ];
  return lines.map((line) => printable(line)).join("\n");
}

/**
 * Returns the coverage of the operations that were called, in a line; none where all were.
 *
 * @param {Report["coverage"]} coverage
 */
function ofCalled({ called, total }) {
  if (called.total === total) return [];
  return [`Of the operations that were called: ${called.percent} % (${called.covered} of ${called.total})`];
}
