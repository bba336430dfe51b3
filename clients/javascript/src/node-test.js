// Accounts for the tests of Node's own runner.

import { fileURLToPath } from "node:url";

import { TestAccount } from "./accounts.js";

/**
 * What is used of a test's context; `passed` came with Node 20.12, and the other two with 20.16.
 *
 * @typedef {object} TestContext
 * @property {string} name
 * @property {string} [fullName]
 * @property {string | undefined} [filePath]
 * @property {boolean} [passed]
 * @property {(hook: () => Promise<void>) => void} after
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
 * @param {TestContext} t
 * @param {import("./accounts.js").AccountOptions} [options]
 */
export async function mockAccount(t, options = {}) {
  if (typeof t?.after !== "function" || typeof t.name !== "string") {
    throw new TypeError("mockAccount() takes the test's context: test('…', async (t) => { … mockAccount(t) … })");
  }
  const file = t.filePath?.startsWith("file:") ? fileURLToPath(t.filePath) : t.filePath;
  const account = await TestAccount.open(file ?? process.argv[1], t.fullName ?? t.name, options);
  t.after(() => account.close(t.passed === false ? "failed" : "passed"));
  return account.sandbox;
}
