// Programs that tests run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

// What fixtures of all runners must come to.
export const PASSED = ["serves a retry", "allows an unfired fault", "may have a violation"];
export const FAILED = [
  ["fails by an unfired fault", "no request met these faults:"],
  ["that has failed is not judged", "of its own"],
  ["fails by a violation where it is asked for", "the verdict on the test's requests falls short: 1 violation"],
];

// Runs a program in the package's folder; an undefined variable is taken out of its environment.
export async function run(program, words, variables = {}) {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: "1", FORCE_COLOR: undefined, ...variables };
  for (const name of Object.keys(env)) if (env[name] === undefined) delete env[name];
  const child = spawn(program, words, { cwd: PACKAGE, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += piece));
  const [status] = await once(child, "close");
  return { status, output };
}
