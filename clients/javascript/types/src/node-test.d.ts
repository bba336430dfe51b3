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
export function mockAccount(t: TestContext, options?: import("./accounts.js").AccountOptions): Promise<import("./sandbox.js").Sandbox>;
/**
 * What is used of a test's context; `passed` came with Node 20.12, and the other two with 20.16.
 */
export type TestContext = {
    name: string;
    fullName?: string;
    filePath?: string | undefined;
    passed?: boolean;
    after: (hook: () => Promise<void>) => void;
};
