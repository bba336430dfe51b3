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
export function mockAccount(t: TestContext, options?: import("./accounts.js").AccountOptions): Promise<import("./sandbox.js").Sandbox>;
export type Task = {
    name: string;
    suite?: Task | undefined;
};
/**
 * What is used of a test's context.
 */
export type TestContext = {
    task: Task & {
        file: {
            filepath: string;
        };
        result?: {
            state: string;
        } | undefined;
    };
    onTestFinished: (hook: () => Promise<void>) => void;
};
