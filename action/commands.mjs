// Programs that the action runs: each is given as a list of words, and no shell reads them.

import { spawnSync } from "node:child_process";

import { Refusal, printGroup } from "./runner.mjs";

// Node ends a program that prints more; a verdict on a thousand accounts is far below.
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** Run a program to its end, and return { status, output, errors }; status is null if there is no such program. */
export function run([program, ...words]) {
  const ended = spawnSync(program, words, { encoding: "utf8", maxBuffer: OUTPUT_BYTES, windowsHide: true });
  return { status: ended.status, output: ended.stdout ?? "", errors: ended.stderr || ended.error?.message || "" };
}

/** Run a program to its end; if it fails, print what it printed, and throw a Refusal. */
export function demand(words) {
  const { status, output, errors } = run(words);
  if (status === 0) return;
  printGroup(`What \`${words[0]}\` printed`, output + errors);
  // The words behind the second one may hold credentials.
  throw new Refusal(`\`${words.slice(0, 2).join(" ")}\` ${status === null ? "did not run" : `ended with ${status}`}; the log of this step has what it printed.`);
}

export const isThere = (program) => run([program, "--version"]).status === 0;
