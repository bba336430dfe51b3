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

const filesOf = (section) => {
  const [text] = PAGE.split(`## ${section}\n`)[1].split("\n## ");
  return [...text.matchAll(/^```javascript title="(.*?)"\n(.*?)^```/gms)].map(([, name, content]) => [name, content]);
};

// Writes the files that a section of the page shows, and the setup, into a folder of the package, where its name is known.
async function writeExamples(section, t, change) {
  const folder = await mkdtemp(join(PACKAGE, "test", "tmp-"));
  t.after(() => rm(folder, { recursive: true }));
  const files = filesOf(section);
  const setup = filesOf("Vitest").find(([name]) => name === "sandbox.setup.js");
  for (const [name, content] of [setup, ...files]) await writeFile(join(folder, name), change(content));
  return { folder, tests: files.filter(([name]) => name.endsWith(".test.js")).length };
}

const RUNNERS = [
  ["vitest", VITEST, ["--reporter=default", "--reporter=json"]],
  ["jest", JEST, ["--json"]],
];

// Their setups are replaced by one that fails the run: no suite so small tries 99 % of the document.
describe("the page of the documentation", { concurrency: true }, () => {
  async function runExamples(section, t, words) {
    const { folder, tests } = await writeExamples(section, t, (text) =>
      text.replace(/(globalSetup: )".*?"/, '$1"./sandbox.setup.js"').replace("failUnder: 10,", "failUnder: 99,"),
    );
    const { status, output } = await run(process.execPath, words(folder));
    assert.match(output, /the mock server's verdict falls short: .*coverage of [\d.]+ % is below 99 %/);
    assert.equal(status, 1);
    return { output, tests };
  }

  test("has examples for Vitest, and a setup that fails a run whose verdict falls short", async (t) => {
    const { output, tests } = await runExamples("Vitest", t, (folder) => [VITEST[0], "run", "--root", folder]);
    assert.match(output, new RegExp(`Tests +${tests} passed`));
    assert.match(output, /mock server report\nAll accounts: /);
  });

  test("has examples for Jest, which that setup fails too", async (t) => {
    const words = (folder) => [...JEST.slice(0, 2), "--rootDir", folder, "--config", join(folder, "jest.config.js")];
    const { output, tests } = await runExamples("Jest", t, words);
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
  });
}
