// What the runner of GitHub's workflows gives and takes: inputs, files that it reads after the step, and its log.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands describes them.

import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { EOL } from "node:os";

// A step's summary may have 1 MiB.
const SUMMARY_BYTES = 1_000_000;

/** A mistake to tell the user about in one sentence. */
export class Refusal extends Error {}

/** Refuse to go on outside of a workflow, where no post step would end what this one starts. */
export function requireRunner() {
  const missing = ["GITHUB_STATE", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY"].find((file) => !process.env[file]);
  if (missing) throw new Refusal(`${missing} is not set; the action runs in a step of a workflow.`);
}

/** Return an input's text without the blanks around it, e.g. input("fail-on"). */
export const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? "").trim();

/** Return a value that the main step left for the post step; "" if it left none. */
export const state = (name) => process.env[`STATE_${name}`] ?? "";

export const saveState = (name, value) => append("GITHUB_STATE", named(name, value));
export const setOutput = (name, value) => append("GITHUB_OUTPUT", named(name, value));
export const exportVariable = (name, value) => append("GITHUB_ENV", named(name, value));

/** Append Markdown to the summary of the step, as much of it as the runner takes. */
export function addSummary(markdown) {
  const bytes = Buffer.from(markdown);
  const rest = "\n\nThis is the beginning of the report; the log of the step has all of it.\n";
  append("GITHUB_STEP_SUMMARY", bytes.length <= SUMMARY_BYTES ? markdown : bytes.subarray(0, SUMMARY_BYTES) + rest);
}

/** Print text under a title that folds. The text may hold what a client sent, so that none of it is a command. */
export function printGroup(title, text) {
  const token = randomUUID();
  console.log(`::group::${title}\n::stop-commands::${token}\n${text.trimEnd()}\n::${token}::\n::endgroup::`);
}

/** Mark the step as failed, with an annotation. */
export function fail(message) {
  const escaped = message.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  console.log(`::error title=mock server::${escaped}`);
  process.exitCode = 1;
}

/** Run a step; a Refusal ends it with its sentence alone. */
export async function step(run) {
  try {
    await run();
  } catch (error) {
    fail(error instanceof Refusal ? error.message : error.stack);
  }
}

// No value can hold the delimiter, which is made anew for each.
function named(name, value) {
  const delimiter = randomUUID();
  return `${name}<<${delimiter}${EOL}${value}${EOL}${delimiter}${EOL}`;
}

const append = (variable, text) => appendFileSync(process.env[variable], text);
