// mockAccount() in Vitest and Jest, with the global setup of each; `npm ci` has to have installed them.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { FAILED, PACKAGE, PASSED, run } from "../support.js";

const MODULES = join(PACKAGE, "node_modules");
const VITEST = [join(MODULES, "vitest/vitest.mjs"), "run", "--root", PACKAGE, "--config", "test/runners/vitest.config.js"];
const JEST = ["--experimental-vm-modules", join(MODULES, "jest/bin/jest.js"), "--config", "test/runners/jest.config.js"];

const PAGE = await readFile(join(PACKAGE, "../../docs/how-to/javascript.md"), "utf8");

// Writes the files that a section of the page shows into a folder of the package, where its name is known.
async function writeExamples(section, t) {
  const folder = await mkdtemp(join(PACKAGE, "test", "tmp-"));
  t.after(() => rm(folder, { recursive: true }));
  const [text] = PAGE.split(`## ${section}\n`)[1].split("\n## ");
  const files = [...text.matchAll(/^```javascript title="(.*?)"\n(.*?)^```/gms)];
  for (const [, name, content] of files) await writeFile(join(folder, name), content);
  return { folder, tests: files.filter(([, name]) => name.endsWith(".test.js")).length };
}

const RUNNERS = [
  ["vitest", VITEST, ["--reporter=default", "--reporter=json"]],
  ["jest", JEST, ["--json"]],
];

describe("the page of the documentation", { concurrency: true }, () => {
  test("has examples for Vitest", async (t) => {
    const { folder, tests } = await writeExamples("Vitest", t);
    // Its own setup in place of the usual one, which the fixtures have; other tests use the server that it judges.
    const config = join(folder, "vitest.config.js");
    await writeFile(config, (await readFile(config, "utf8")).replace("openapi-sandbox/global-setup", "./sandbox.setup.js"));
    const { output } = await run(process.execPath, [VITEST[0], "run", "--root", folder]);
    assert.equal(tests, 2);
    assert.match(output, /Test Files +2 passed/);
    assert.match(output, /mock server report\nAll accounts: /);
  });

  test("has examples for Jest", async (t) => {
    const { folder, tests } = await writeExamples("Jest", t);
    const words = [JEST[0], JEST[1], "--rootDir", folder, "--config", join(folder, "jest.config.js")];
    const { status, output } = await run(process.execPath, words);
    assert.equal(status, 0, output);
    assert.match(output, new RegExp(`Tests: +${tests} passed`));
  });
});

for (const [name, words, asJson] of RUNNERS) {
  describe(name, { concurrency: true }, () => {
    test("has an account for each test, and a server that is started for the run and stopped", async () => {
      const file = join(await mkdtemp(join(tmpdir(), "results-")), "results.json");
      const all = [...words, ...asJson, `--outputFile=${file}`];
      const { status, output } = await run(process.execPath, all, { MOCK_SERVER_URL: undefined });
      assert.equal(status, 1, output);
      const [{ assertionResults: results }] = JSON.parse(await readFile(file, "utf8")).testResults;
      const passed = results.filter((each) => each.status === "passed").map((each) => each.title);
      assert.deepEqual(passed, PASSED);
      const failed = results.filter((each) => each.status === "failed");
      assert.deepEqual(failed.map((each) => each.title), FAILED.map(([title]) => title));
      failed.forEach(({ failureMessages }, index) => {
        assert.equal(failureMessages.length, 1);
        assert.ok(failureMessages[0].includes(FAILED[index][1]), failureMessages[0]);
      });
      const [, url] = /see (http:\/\/[\d.:]+)\/_mock/.exec(output);
      await assert.rejects(fetch(`${url}/_mock/health`));
    });

    test("fails a run whose verdict falls short", async () => {
      const { status, output } = await run(process.execPath, [...words, "-t", "serves a retry"], { JUDGED: "1" });
      assert.match(output, /Tests:? .*\b1 passed/);
      assert.match(output, /the mock server's verdict falls short: coverage of [\d.]+ % is below 99 %/);
      assert.equal(status, 1);
    });
  });
}
