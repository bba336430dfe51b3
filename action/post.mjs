// After the job's steps: write the verdict into the summary and as JUnit's XML, end the server, and fail by the verdict.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { run } from "./commands.mjs";
import { addSummary, fail, input, printGroup, state, step } from "./runner.mjs";
import { log, stop } from "./sources.mjs";

const FALLS_SHORT = 1;

await step(() => {
  if (!state("server")) return; // The main step has started none.
  const server = JSON.parse(state("server"));
  try {
    // Without a URL it never was ready, and the main step has failed by that.
    if (state("url")) judge(server);
  } finally {
    stop(server);
  }
});

function judge(server) {
  try {
    const markdown = report(server, "markdown");
    printGroup("The verdict", markdown.output + markdown.errors);
    const junit = input("junit") ? report(server, "junit") : markdown;
    failBy([markdown, junit].find(({ status }) => status !== 0));
    if (markdown.output) attempt("the summary of the step", () => addSummary(markdown.output));
    if (input("junit") && junit.output) attempt(`'${input("junit")}'`, () => write(input("junit"), junit.output));
  } finally {
    printGroup("What the server printed", log(server));
  }
}

function report(server, format) {
  const given = ["fail-on", "fail-under", "fail-under-all"].filter(input).map((name) => [`--${name}`, input(name)]);
  // In a container the server has its own port, whatever the port outside.
  const url = server.container ? "http://127.0.0.1:8080" : state("url");
  return run([...server.command, "report", url, "--format", format, ...given.flat()]);
}

function failBy(ended) {
  if (ended?.status === FALLS_SHORT) fail("The verdict falls short; the summary of the job says by what.");
  else if (ended) fail(`The verdict cannot be had: ${ended.errors.trim()}`);
}

/** Do what writes a file; a file that cannot be written fails the step, and hinders nothing else. */
function attempt(file, writing) {
  try {
    writing();
  } catch (error) {
    fail(`The verdict cannot be written into ${file} (${error.code}).`);
  }
}

function write(file, text) {
  const path = resolve(process.env.GITHUB_WORKSPACE || ".", file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
