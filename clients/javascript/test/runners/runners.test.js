// mockAccount() in Vitest and Jest, with the global setup of each; `npm ci` has to have installed them.

import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { FAILED, PACKAGE, PASSED, run } from "../support.js";

const MODULES = join(PACKAGE, "node_modules");
const VITEST = [join(MODULES, "vitest/vitest.mjs"), "run", "--root", PACKAGE, "--config", "test/runners/vitest.config.js"];
const JEST = ["--experimental-vm-modules", join(MODULES, "jest/bin/jest.js"), "--config", "test/runners/jest.config.js"];

const RUNNERS = [
  ["vitest", VITEST, ["--reporter=default", "--reporter=json"]],
  ["jest", JEST, ["--json"]],
];

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
