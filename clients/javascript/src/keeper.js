// A process that runs a command for another, and ends it with that one, however that one ends.
//
// Its standard input is a pipe of the other process, which the system closes with it.

import { spawn } from "node:child_process";

const STOPPED_MILLISECONDS = 10_000;

const [program = "", ...words] = process.argv.slice(2);
const environment = { ...process.env };
// These are for the tests, and a server would say that they are none of its settings.
for (const name of ["MOCK_SERVER_URL", "MOCK_SERVER_COMMAND", "MOCK_SERVER_CA"]) delete environment[name];

const child = spawn(program, words, { env: environment, stdio: ["ignore", "inherit", "inherit"] });
child.on("error", (error) => {
  console.error(`${program} can't be run: ${error.message}`);
  process.exit(127);
});
child.on("exit", (code) => process.exit(code ?? 1));

process.stdin.resume();
process.stdin.on("close", () => {
  child.kill();
  setTimeout(() => child.kill("SIGKILL"), STOPPED_MILLISECONDS);
});
