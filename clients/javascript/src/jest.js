// Accounts for the tests of Jest. To import this module in a test file makes Jest end their accounts.

import { TestAccount } from "./accounts.js";
import { Refused } from "./errors.js";

/** @typedef {{ currentTestName?: string, testPath?: string }} State */

const globals =
  /** @type {{ afterEach?: (hook: () => Promise<void>) => void, expect?: { getState?: () => State } }} */ (
    /** @type {unknown} */ (globalThis)
  );

/** @type {TestAccount[]} */
let open = [];

if (typeof globals.afterEach !== "function" || typeof globals.expect?.getState !== "function") {
  throw new Refused("openapi-sandbox/jest needs Jest's globals: import it in a test file, without injectGlobals: false");
}
globals.afterEach(async () => {
  const [ended, outcome] = [open, hasFailed() ? "failed" : "passed"];
  open = [];
  for (const account of ended) await account.close(/** @type {import("./accounts.js").Outcome} */ (outcome));
});

/**
 * Returns the test's own account, a Sandbox that no other test uses.
 *
 * It begins with the starting data, and its client id follows from the test's name and file. A fault that did
 * not fire fails the test at its end, unless it is given `{ unfired: "allow" }`. It cannot be used in
 * `test.concurrent`, where Jest names no current test.
 *
 *     test("it retries", async () => {
 *       const account = await mockAccount();
 *       await account.fail([{ status: 503 }, { cut: "reset" }]);
 *       await callTheCodeUnderTest(account.baseUrl, account.authorization);
 *       await account.assertCalled({ times: 3 });
 *     });
 *
 * @param {import("./accounts.js").AccountOptions} [options]
 */
export async function mockAccount(options = {}) {
  const { currentTestName, testPath } = globals.expect?.getState?.() ?? {};
  if (!currentTestName) throw new Refused("mockAccount() is called outside of a test; call it in one, or in beforeEach");
  const account = await TestAccount.open(testPath, currentTestName, options);
  open.push(account);
  return account.sandbox;
}

// Whether the current test has failed. Jest tells no hook; its runner keeps the state under a symbol
// (STATE_SYM in packages/jest-circus/src/types.ts). Without it, a test that has failed is judged too.
function hasFailed() {
  const symbol = Object.getOwnPropertySymbols(globalThis).find((each) => each.description === "JEST_STATE_SYMBOL");
  const state = symbol && /** @type {any} */ (globalThis)[symbol];
  return (state?.currentlyRunningTest?.errors?.length ?? 0) > 0;
}
