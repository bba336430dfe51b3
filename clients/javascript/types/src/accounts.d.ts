/**
 * Returns a client id that is the same in every run, e.g. `tests-a.test.js-it-retries-6b0f…`.
 *
 * @param {string} prefix
 * @param {string} name
 */
export function clientId(prefix: string, name: string): string;
/** An account of a test, with the means to end it. */
export class TestAccount {
    /**
     * Opens an account with the starting data for a test.
     *
     * @param {string | undefined} file the test's file
     * @param {string} name the test's whole name
     * @param {AccountOptions} options
     */
    static open(file: string | undefined, name: string, options: AccountOptions): Promise<TestAccount>;
    /**
     * @param {Sandbox} sandbox
     * @param {Rule} rule
     */
    constructor(sandbox: Sandbox, rule: Rule);
    sandbox: Sandbox;
    /**
     * Throws AssertionFailed where a test that has passed fails all the same, and lets what it was allowed count
     * nowhere.
     *
     * @param {Outcome} outcome
     */
    close(outcome: Outcome): Promise<void>;
    #private;
}
export type Cause = import("./sandbox.js").Cause;
/**
 * What an account is told of its test: `unfired: "allow"` lets the test pass although a fault that it scripted
 * did not fire; `failOn` fails it on these causes, or on none, in place of those of the run.
 */
export type AccountOptions = {
    unfired?: "allow" | "fail";
    failOn?: string | readonly Cause[];
};
export type Rule = {
    failOn: Cause[];
    allowed: Cause[];
};
export type Outcome = "passed" | "failed" | "skipped";
import { Sandbox } from "./sandbox.js";
