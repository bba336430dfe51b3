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
export function mockAccount(options?: import("./accounts.js").AccountOptions): Promise<import("./sandbox.js").Sandbox>;
export type State = {
    currentTestName?: string;
    testPath?: string;
};
