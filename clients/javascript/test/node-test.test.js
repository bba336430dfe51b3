// mockAccount() for node:test, and the program that starts a server for a run.

import assert from "node:assert/strict";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { FAILED, PACKAGE, PASSED, run } from "./support.js";

const TAP = ["--test", "--test-reporter=tap"];
const FIXTURE = "test/fixtures/node.fixture.js";
const BIN = join(PACKAGE, "bin", "openapi-sandbox.js");
const NO_URL = { MOCK_SERVER_URL: undefined };

function requireFixture({ output }) {
  for (const name of PASSED) assert.match(output, new RegExp(`^ *ok \\d+ - ${name}$`, "m"));
  for (const [name, message] of FAILED) {
    const lines = output.slice(output.indexOf(`- ${name}`));
    assert.match(lines, new RegExp(`^- ${name}\\n`));
    assert.ok(lines.slice(0, lines.indexOf("\n      ...")).includes(message), lines);
  }
}

describe("mockAccount()", () => {
  test("judges a test at its end, and only one that has passed", async () => {
    const done = await run(process.execPath, [...TAP, FIXTURE]);
    requireFixture(done);
    assert.equal(done.status, 1);
    assert.match(done.output, /id test-fixtures-node\.fixture\.js-an-account-serves-a-retry-[0-9a-f]{12}$/m);
    assert.equal(done.output.match(/^ *not ok/gm).length, FAILED.length + 1, "a failed test has one error");
  });

  test("says what to set where no server is named", async () => {
    const { output } = await run(process.execPath, [...TAP, FIXTURE], NO_URL);
    assert.match(output, /no mock server is named: set MOCK_SERVER_URL/);
  });

  test("refuses an option that there is not, and a context of another runner", async () => {
    const { mockAccount } = await import("openapi-sandbox/node-test");
    const context = { name: "x", after() {} };
    await assert.rejects(mockAccount(context, { unfird: "allow" }), /'unfird' is no option.*unfired, failOn/);
    await assert.rejects(mockAccount(context, { unfired: "yes" }), /'yes' was given for unfired/);
    await assert.rejects(mockAccount(context, { failOn: "anything" }), /'anything' is none of violations/);
    await assert.rejects(mockAccount(), /takes the test's context/);
  });
});

describe("openapi-sandbox", () => {
  async function suite(lines, context = "t") {
    const file = join(await mkdtemp(join(tmpdir(), "suite-")), "a.test.mjs");
    const source = `import { test } from "node:test";
      import { mockAccount } from ${JSON.stringify(join(PACKAGE, "src/node-test.js"))};
      test("a", async (t) => { const account = await mockAccount(${context}); ${lines} });`;
    await writeFile(file, source);
    return file;
  }

  const VIOLATION = `await fetch(account.baseUrl + "/usage-metrics?limit=0",
    { headers: { authorization: account.authorization } });`;

  test("starts a server, runs the tests with what they allow, and stops it", async () => {
    const file = await suite(`${VIOLATION} console.log("at", account.url);`, "t, { failOn: 'empty' }");
    const { status, output } = await run(BIN, ["--fail-on", "violations", "--", "node", ...TAP, file], NO_URL);
    assert.equal(status, 0, output);
    const [, url] = /at (http:\S+)/.exec(output);
    await assert.rejects(fetch(`${url}/_mock/health`));
  });

  test("exits as the tests do", async () => {
    const file = await suite("await account.fail({ status: 503 });");
    assert.equal((await run(BIN, ["--", "node", ...TAP, file])).status, 1);
  });

  test("fails a run whose verdict falls short, and prints it", async () => {
    const file = await suite(VIOLATION);
    const { status, output } = await run(BIN, ["--fail-under", "99", "--report", "--", "node", ...TAP, file]);
    assert.equal(status, 1, output);
    assert.match(output, /the mock server's verdict falls short: coverage of [\d.]+ % is below 99 %/);
    // What the other test file sends meanwhile is judged too.
    assert.match(output, /All accounts: falls short\n {2}coverage of .*\n(?:.*\n)*? {2}violation range \(\d+×\): '0' was sent/);
  });

  test("says what a command printed that starts no server", async () => {
    const broken = { ...NO_URL, MOCK_SERVER_COMMAND: `'${process.execPath}' -e 'console.error("no port"); process.exit(3)'` };
    const { status, output } = await run(BIN, ["--", "true"], broken);
    assert.equal(status, 1);
    assert.match(output, /MOCK_SERVER_COMMAND \(.*\) ended with exit status 3; it printed:\nno port/s);
  });

  test("stops its server when it is killed", async () => {
    const file = await suite("console.log('at', account.url); process.kill(process.ppid, 'SIGKILL');");
    // The test's file is a process of its own, whose parent would be the runner.
    const { output } = await run(BIN, ["--", "node", "--test-reporter=tap", file], NO_URL);
    const [, url] = /at (http:\S+)/.exec(output);
    for (let left = 100; left > 0; left -= 1) {
      if (!(await fetch(`${url}/_mock/health`).catch(() => null))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail("the server still answers");
  });

  test("leaves no files behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tmp-"));
    await run(BIN, ["--", "true"], { TMPDIR: folder });
    assert.deepEqual(await readdir(folder), []);
  });
});
