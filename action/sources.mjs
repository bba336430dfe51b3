// Where a server comes from. Each source has `start`, which returns what the post step needs:
// { command, pid } of a process, or { command, container }.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { demand, isThere, run } from "./commands.mjs";
import { Refusal } from "./runner.mjs";

const ACTION = dirname(dirname(fileURLToPath(import.meta.url)));
const WORKSPACE = process.env.GITHUB_WORKSPACE || process.cwd();
const OLD = "import sys; sys.exit(sys.version_info < (3, 11))";

export const SOURCES = { package: startPackage, image: startImage, path: startPath };

/** Return the end of what a server has printed, 200 lines at most. */
export function log(server) {
  const text = server.container ? logOfContainer(server.container) : readFileSync(server.log, "utf8");
  return text.trimEnd().split("\n").slice(-200).join("\n");
}

/** Tell whether a server's process or container still runs. */
export function isRunning(server) {
  if (server.container) {
    return run(["docker", "inspect", "--format", "{{.State.Running}}", server.container]).output.trim() === "true";
  }
  try {
    return process.kill(server.pid, 0);
  } catch {
    return false;
  }
}

/** End a server, and remove its container. */
export function stop(server) {
  if (server.container) run(["docker", "rm", "--force", server.container]);
  else if (isRunning(server)) process.kill(server.pid, "SIGTERM");
}

function startPackage(flags) {
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP || tmpdir(), "mock-server-"));
  const bin = join(folder, process.platform === "win32" ? "Scripts" : "bin");
  const requirement = `${ACTION}[server]`;
  if (isThere("uv")) {
    demand(["uv", "venv", "--quiet", "--allow-existing", "--python", ">=3.11", folder]);
    demand(["uv", "pip", "install", "--quiet", "--python", folder, requirement]);
  } else {
    demand([findPython(), "-m", "venv", folder]);
    demand([join(bin, "python"), "-m", "pip", "install", "--quiet", requirement]);
  }
  return startProcess(join(bin, "mock-server"), flags);
}

function startPath(flags) {
  if (!isThere("mock-server")) {
    throw new Refusal("There is no mock-server on the PATH; install it in an earlier step, or use from: package.");
  }
  return startProcess("mock-server", flags);
}

function startProcess(program, { port, settings }) {
  const log = join(mkdtempSync(join(process.env.RUNNER_TEMP || tmpdir(), "mock-server-log-")), "server.log");
  const output = openSync(log, "a");
  const words = ["serve", "--host", "127.0.0.1", "--port", port, ...settings];
  // It outlives this step; the runner ends what is left at the end of the job.
  const child = spawn(program, words, { cwd: WORKSPACE, detached: true, stdio: ["ignore", output, output], windowsHide: true });
  const server = { command: [program], pid: child.pid, log };
  child.on("error", () => {}); // It has no pid then, and does not run.
  child.unref();
  return server;
}

function startImage({ port, settings, image }) {
  const container = `mock-server-${randomUUID()}`;
  // Docker passes on the value that the variable has here.
  const variables = Object.keys(process.env).filter((name) => name.startsWith("MOCK_SERVER_") && name !== "MOCK_SERVER_URL");
  demand([
    "docker", "run", "--detach", "--name", container, "--publish", `127.0.0.1:${port}:8080`,
    "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges",
    "--volume", `${WORKSPACE}:${WORKSPACE}:ro`, "--workdir", WORKSPACE,
    ...variables.flatMap((name) => ["--env", name]),
    image || ownImage(), "serve", "--host", "0.0.0.0", "--port", "8080", ...settings,
  ]); // prettier-ignore
  return { command: ["docker", "exec", container, "mock-server"], container };
}

/** Return the image of the action's own repository and version; names of images have no capitals. */
function ownImage() {
  const repository = process.env.GITHUB_ACTION_REPOSITORY || process.env.GITHUB_REPOSITORY;
  const version = readFileSync(join(ACTION, "mock_server", "__init__.py"), "utf8").match(/__version__ = "(.+)"/)[1];
  return `ghcr.io/${repository}:${version}`.toLowerCase();
}

function logOfContainer(container) {
  const { output, errors } = run(["docker", "logs", container]);
  return output + errors;
}

function findPython() {
  const found = ["python3", "python"].find((name) => run([name, "-c", OLD]).status === 0);
  if (found) return found;
  throw new Refusal("There is neither uv nor Python 3.11 or later; set one up in an earlier step, e.g. by actions/setup-python.");
}
