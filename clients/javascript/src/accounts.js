// The accounts of tests: their client ids, what their options say, and how they are judged.

import { createHash } from "node:crypto";
import { relative, sep } from "node:path";

import { CAUSES, parseCauses } from "./causes.js";
import { waitUntilHealthy } from "./control-api.js";
import { RESERVED, takesPair } from "./credentials.js";
import { AssertionFailed, Refused, SandboxError, TransportError } from "./errors.js";
import * as run from "./run.js";
import { linkOf, requireSameAccount, Sandbox } from "./sandbox.js";
import { printable, quoted, requireOptions } from "./shown-text.js";

/** @typedef {import("./sandbox.js").Cause} Cause */

/**
 * What an account is told of its test: `unfired: "allow"` lets the test pass although a fault that it scripted
 * did not fire; `failOn` fails it on these causes, or on none, in place of those of the run.
 *
 * @typedef {{ unfired?: "allow" | "fail", failOn?: string | readonly Cause[] }} AccountOptions
 */

/** @typedef {{ failOn: Cause[], allowed: Cause[] }} Rule */
/** @typedef {"passed" | "failed" | "skipped"} Outcome */

const SECRET = "secret";

// What fails a test where nothing says otherwise.
/** @type {readonly Cause[]} */
const FAIL_ON = ["unfired"];

// The longest wait for a server to be ready, in seconds.
const HEALTHY_SECONDS = 30;

// Names under which accounts are open in this process.
/** @type {Set<string>} */
const open = new Set();

// By roots, what waits for a server to be ready, once in this process.
/** @type {Map<string, Promise<unknown>>} */
const healthy = new Map();

/** An account of a test, with the means to end it. */
export class TestAccount {
  #rule;

  /**
   * @param {Sandbox} sandbox
   * @param {Rule} rule
   */
  constructor(sandbox, rule) {
    this.sandbox = sandbox;
    this.#rule = rule;
  }

  /**
   * Opens an account with the starting data for a test.
   *
   * @param {string | undefined} file the test's file
   * @param {string} name the test's whole name
   * @param {AccountOptions} options
   */
  static async open(file, name, options) {
    const { failOn, prefix = "", caFile } = run.told();
    const rule = parseRule(options, failOn ?? FAIL_ON);
    const url = run.serverUrl();
    const id = freeId(clientId(prefix, file === undefined ? name : `${shownFile(file)}::${name}`));
    open.add(id);
    try {
      return new TestAccount(await openSandbox(url, id, caFile), rule);
    } catch (error) {
      open.delete(id);
      throw error;
    }
  }

  /**
   * Throws AssertionFailed where a test that has passed fails all the same, and lets what it was allowed count
   * nowhere.
   *
   * @param {Outcome} outcome
   */
  async close(outcome) {
    open.delete(this.sandbox.clientId);
    // It may have ended before the requests that its faults were for.
    /** @type {Cause[]} */
    const unasked = outcome === "skipped" ? ["unfired"] : [];
    const found = [];
    try {
      if (outcome === "passed") found.push(...(await reasons(this.sandbox, this.#rule.failOn)));
      await forgive(this.sandbox, [...this.#rule.allowed, ...unasked]);
    } catch (error) {
      if (!(error instanceof SandboxError || error instanceof TransportError)) throw error;
      if (outcome === "passed") found.push(error.message);
    }
    if (found.length > 0) throw new AssertionFailed(found.join("\n"));
  }
}

/**
 * @param {string} url
 * @param {string} id
 * @param {string | undefined} caFile
 */
async function openSandbox(url, id, caFile) {
  if (!healthy.has(url)) healthy.set(url, waitUntilHealthy(url, HEALTHY_SECONDS, { caFile }));
  const health = await healthy.get(url);
  const sandbox = takesPair(/** @type {import("./control-api.js").Health} */ (health))
    ? await Sandbox.open(url, id, SECRET, { caFile })
    : await Sandbox.openToken(url, id, { caFile });
  try {
    await sandbox.reset();
    return sandbox;
  } catch (error) {
    if (!(error instanceof SandboxError) || error.status !== 401) throw error;
  }
  throw new Refused(
    `the mock server at ${url} accepts only the credentials that it was started with, so that tests can't have ` +
      "accounts of their own; start it without --credentials (MOCK_SERVER_CREDENTIALS, or the setting 'credentials')",
  );
}

/**
 * @param {AccountOptions} options
 * @param {readonly Cause[]} ofRun
 * @returns {Rule}
 */
function parseRule(options, ofRun) {
  requireOptions("mockAccount", options, ["unfired", "failOn"]);
  const { unfired, failOn } = options;
  if (unfired !== undefined && unfired !== "allow" && unfired !== "fail") {
    throw new TypeError(`'${printable(String(unfired), 60)}' was given for unfired; write "allow" or "fail"`);
  }
  const named = new Set(failOn === undefined ? ofRun : parseCauses(failOn));
  const dropped = new Set(failOn === undefined ? [] : CAUSES.filter((cause) => !named.has(cause)));
  if (unfired !== undefined) {
    const [to, from] = unfired === "fail" ? [named, dropped] : [dropped, named];
    to.add("unfired");
    from.delete("unfired");
  }
  return { failOn: [...named], allowed: [...dropped] };
}

/**
 * @param {Sandbox} sandbox
 * @param {Cause[]} causes
 */
async function reasons(sandbox, causes) {
  const found = [];
  if (causes.includes("unfired")) {
    const failure = await failureOf(() => sandbox.assertFaultsFired());
    if (failure) found.push(failure);
  }
  const others = causes.filter((cause) => cause !== "unfired");
  if (others.length === 0) return found;
  const report = await sandbox.report({ failOn: others });
  const failure = await failureOf(() => requireSameAccount(sandbox));
  if (failure) return [...found, failure];
  if (report.passed) return found;
  const kinds = /** @type {const} */ (["violations", "warnings"]).filter((kind) => others.includes(kind));
  return [
    ...found,
    `the verdict on the test's requests falls short: ${report.reasons.join("; ")}`,
    ...kinds.flatMap((kind) => report[kind].map(formatMistake)),
    linkOf(sandbox),
  ];
}

/** @param {() => unknown} judge */
async function failureOf(judge) {
  try {
    await judge();
    return null;
  } catch (error) {
    if (error instanceof AssertionFailed) return error.message;
    throw error;
  }
}

/** @param {import("./control.js").MockGroup} group */
function formatMistake({ example, message, count }) {
  return `  ${example}: ${message}${count > 1 ? ` (${count} times)` : ""}`;
}

/**
 * Lets an account's mistakes of these causes count nowhere, in the verdict of the run neither.
 *
 * @param {Sandbox} sandbox
 * @param {Cause[]} causes
 */
async function forgive(sandbox, causes) {
  if (causes.length === 0) return;
  const { unfiredFaults, counts } = await sandbox.report();
  if (causes.includes("unfired")) {
    for (const fault of unfiredFaults) await sandbox.removeFault(fault.id);
  }
  const counted = causes.filter((cause) => cause !== "unfired" && cause in counts);
  run.allow(sandbox.clientId, Object.fromEntries(counted.map((cause) => [cause, counts[cause] ?? 0])));
}

// The path of a test's file, as all machines write it, e.g. `tests/a.test.js`.
/** @param {string} file */
function shownFile(file) {
  return relative(process.cwd(), file).split(sep).join("/");
}

/**
 * Returns a client id that is the same in every run, e.g. `tests-a.test.js-it-retries-6b0f…`.
 *
 * @param {string} prefix
 * @param {string} name
 */
export function clientId(prefix, name) {
  return plain(prefix) + plain(name);
}

/**
 * Returns a text of letters, digits, `.`, `_` and `-`, with a digest where characters were replaced.
 *
 * Clients encode others in different ways, and RFC 7617 allows no colon in a client id.
 *
 * @param {string} text
 */
function plain(text) {
  const shown = text.replace(/[^A-Za-z0-9._-]+/g, "-").slice(-80);
  return shown === text ? text : `${shown}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

/**
 * Returns a client id, with a number where a test of this process that has not ended uses it.
 *
 * @param {string} id
 */
function freeId(id) {
  if (!id) throw new Refused("the name of an account is empty; give the test one");
  if (RESERVED.includes(id)) throw new Refused(`${quoted(id)} is a reserved client id; give the test another name`);
  let free = id;
  for (let number = 2; open.has(free); number += 1) free = `${id}-${number}`;
  return free;
}
