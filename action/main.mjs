// Start the server, wait until it is ready, and say where it is.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { Refusal, exportVariable, input, printGroup, requireRunner, saveState, setOutput, step } from "./runner.mjs";
import { SOURCES, isRunning, log, stop } from "./sources.mjs";

await step(async () => {
  requireRunner();
  const start = SOURCES[input("from")];
  if (!start) throw new Refusal(`'${input("from")}' was given for 'from', which must be one of ${Object.keys(SOURCES).join(", ")}.`);
  const port = await findPort(readNumber("port", 65_535));
  const seconds = readNumber("timeout", 3_600);
  const server = start({ port: String(port), settings: settings(), image: input("image") });
  // The post step ends it whatever happens from here on, a cancelled job included.
  saveState("server", JSON.stringify(server));
  const url = `http://127.0.0.1:${port}`;
  const health = await waitUntilReady(server, url, seconds);
  saveState("url", url);
  setOutput("url", url);
  setOutput("base-url", url + health.basePath);
  setOutput("command", server.command.join(" "));
  exportVariable("MOCK_SERVER_URL", url);
  console.log(`mock-server ${health.version} serves ${url}${health.basePath}; its pages are at ${url}/_mock/`);
});

/** Return the flags of `mock-server serve` that the inputs are. */
function settings() {
  const paths = ["document", "overlay", "fixtures"].filter(input).flatMap((name) =>
    input(name).split(/\s*\n\s*/).filter(Boolean).map((path) => [`--${name}`, path]),
  );
  return [...paths, ...input("args").split(/\s+/).filter(Boolean)].flat();
}

function readNumber(name, most) {
  const text = input(name);
  if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Refusal(`'${text}' was given for '${name}', which must be a whole number up to ${most}.`);
}

/** Return a port that is free, so that no other server is taken for this one. */
function findPort(port) {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.on("error", (error) => reject(new Refusal(
      `Port ${port} cannot be listened on (${error.code}); give another as 'port', or 0 for a free one.`,
    ))); // prettier-ignore
    listener.listen(port, "127.0.0.1", () => {
      const free = listener.address().port;
      listener.close(() => resolve(free));
    });
  });
}

/** Return what the server's health check answers. */
async function waitUntilReady(server, url, seconds) {
  const deadline = Date.now() + seconds * 1_000;
  while (Date.now() < deadline && isRunning(server)) {
    try {
      const answer = await fetch(`${url}/_mock/health`, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return await answer.json();
    } catch {} // It does not listen yet.
    await sleep(100);
  }
  const happened = isRunning(server) ? `was not ready within ${seconds} s` : "ended before it was ready";
  printGroup("What the server printed", log(server));
  stop(server);
  throw new Refusal(`The server ${happened}; the log of this step has what it printed.`);
}
