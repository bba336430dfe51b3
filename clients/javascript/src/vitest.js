// Accounts for the tests of Vitest.

import { TestAccount } from "./accounts.js";

/** @typedef {{ name: string, suite?: Task | undefined }} Task */

/**
 * What is used of a test's context.
 *
 * @typedef {object} TestContext
 * @property {Task & { file: { filepath: string }, result?: { state: string } | undefined }} task
 * @property {(hook: () => Promise<void>) => void} onTestFinished
 */

/**
 * Returns the test's own account, a Sandbox that no other test uses.
 *
 * It begins with the starting data, and its client id follows from the test's name and file. A fault that did
 * not fire fails the test at its end, unless it is given `{ unfired: "allow" }`.
 *
 *     test("it retries", async (t) => {
 *       const account = await mockAccount(t);
 *       await account.fail([{ status: 503 }, { cut: "reset" }]);
 *       await callTheCodeUnderTest(account.baseUrl, account.authorization);
 *       await account.assertCalled({ times: 3 });
 *     });
 *
 * As a fixture: `test.extend({ account: ({ task, onTestFinished }, use) => mockAccount({ task, onTestFinished }).then(use) })`.
 *
 * @param {TestContext} t
 * @param {import("./accounts.js").AccountOptions} [options]
 */
export async function mockAccount(t, options = {}) {
  if (typeof t?.onTestFinished !== "function" || !t.task) {
    throw new TypeError("mockAccount() takes the test's context: test('…', async (t) => { … mockAccount(t) … })");
  }
  const { task } = t;
  const account = await TestAccount.open(task.file.filepath, fullName(task), options);
  t.onTestFinished(() => account.close(outcomeOf(task.result?.state)));
  return account.sandbox;
}

/**
 * @param {Task} task
 * @returns {string}
 */
function fullName({ name, suite }) {
  return suite ? `${fullName(suite)} > ${name}` : name;
}

/**
 * @param {string | undefined} state
 * @returns {import("./accounts.js").Outcome}
 */
function outcomeOf(state) {
  if (state === "fail") return "failed";
  return state === "skip" ? "skipped" : "passed";
}
