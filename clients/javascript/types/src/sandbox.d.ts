/** @type {(sandbox: Sandbox) => void} */
export let requireSameAccount: (sandbox: Sandbox) => void;
/** Returns a line with the link to an account's requests in the inspector. @type {(sandbox: Sandbox) => string} */
export let linkOf: (sandbox: Sandbox) => string;
/**
 * One account of a running server, named by its client id.
 *
 * No call is needed to make the account, and none that only asks makes it: it sees the starting data, and no
 * other account sees what it changes. `collection` is a path of the document without the first slash, e.g.
 * `"usage-metrics"`, or `"invoices/{id}/line-items"`, whatever the parameter is called, or of one parent
 * `"invoices/f3b6/line-items"`; without one, the document's only one is meant.
 *
 * Every call rejects with SandboxError where the server refuses it, with all that is wrong, and with
 * TransportError where there is no server. Assertions reject with AssertionFailed, with the requests that did
 * come; also where the journal dropped requests that they would have to judge by, and where the account was
 * given up, or the server restarted, since `reset`.
 *
 *     const account = await Sandbox.open("http://127.0.0.1:8080", "nightly", "secret");
 *     await account.reset();
 *     await account.fail({ status: 503 });
 *     await callTheCodeUnderTest(account.baseUrl, account.authorization);
 *     await account.assertCalled({ times: 2 });
 */
export class Sandbox {
    /**
     * Returns an account of the server at a root, e.g. `http://127.0.0.1:8080`.
     *
     * Throws OtherServer where another kind of server answers, and TransportError where there is none.
     *
     * @param {string} url
     * @param {string} clientId
     * @param {string} clientSecret
     * @param {{ caFile?: string | undefined }} [options] `caFile`: the certificate (PEM) to trust, for https
     */
    static open(url: string, clientId: string, clientSecret: string, options?: {
        caFile?: string | undefined;
    }): Promise<Sandbox>;
    /**
     * Returns the account of a token or key, where the server's document asks for one.
     *
     * Its `clientId` is the name under which the server shows the token, e.g. `"token-2cf24dba5fb0a30e"`. Throws
     * what `open` throws.
     *
     * @param {string} url
     * @param {string} token
     * @param {{ caFile?: string | undefined }} [options] `caFile`: the certificate (PEM) to trust, for https
     */
    static openToken(url: string, token: string, options?: {
        caFile?: string | undefined;
    }): Promise<Sandbox>;
    /**
     * Use `Sandbox.open`.
     *
     * @private
     * @param {string} url
     * @param {string} clientId
     * @param {string} clientSecret
     * @param {string | undefined} token
     * @param {import("./control-api.js").Health} health
     * @param {string | undefined} caFile
     */
    private constructor();
    /** The client id, which names the account. */
    clientId: string;
    /** The client's secret. */
    clientSecret: string;
    /** The token or key, undefined for an account that a client id and a secret name. */
    token: string | undefined;
    /** The headers with a token or key that the client under test sends, e.g. `{ "X-Api-Key": "sk_test" }`. */
    headers: import("./credentials.js").Texts;
    /** The same in parameters of the query, e.g. `{ api_key: "sk_test" }`. */
    params: import("./credentials.js").Texts;
    /** The same in cookies, e.g. `{ session: "sk_test" }`. */
    cookies: import("./credentials.js").Texts;
    /**
     * The client id and secret as e.g. axios takes them: of a token, itself and an empty password, or undefined
     * where the document takes no Basic.
     */
    auth: {
        username: string;
        password: string;
    } | undefined;
    /**
     * The value of the header Authorization that the client under test sends, e.g. `"Basic bmlnaHRseTpz"`; empty
     * where the document asks for none.
     */
    authorization: string;
    /** The file of the certificate to trust, for the client under test; undefined for the system's. */
    caFile: string | undefined;
    /** The server's root, e.g. `"http://127.0.0.1:8080"`. */
    url: string;
    /** The URL for the client under test, e.g. `"http://127.0.0.1:8080/api"`. */
    baseUrl: string;
    /** The account and the page that shows it, without the secret. */
    toString(): string;
    /**
     * Creates a record before all others, completed as one that a request creates, and returns it.
     *
     * E.g. `create("customers", { name: "Acme" })`; a nested record names its parent, e.g.
     * `create("invoices/f3b6/line-items", { quantity: 2 })`. If it is wrong, SandboxError names all mistakes and
     * nothing changes.
     *
     * @param {string} collection
     * @param {object} record
     * @returns {Promise<Record<string, any>>}
     */
    create(collection: string, record: object): Promise<Record<string, any>>;
    /**
     * Changes members of the record with that id, and returns the whole of it.
     *
     * null removes a member, and objects are merged (RFC 7396), e.g.
     * `update("customers", customer.id, { address: { city: "Oslo", zip: null } })`. If the record would be wrong,
     * SandboxError names all mistakes and nothing changes.
     *
     * @param {string} collection
     * @param {string} id
     * @param {object} changes
     * @returns {Promise<Record<string, any>>}
     */
    update(collection: string, id: string, changes: object): Promise<Record<string, any>>;
    /**
     * Returns the record with that id, with all its fields; rejects with SandboxError where there is none.
     *
     * @param {string} collection
     * @param {string} id
     * @returns {Promise<Record<string, any>>}
     */
    record(collection: string, id: string): Promise<Record<string, any>>;
    /**
     * Replaces all records by these, in this order.
     *
     * A record has the fields that the document names. One that lacks an id, an account or a time of creation
     * is given it. If any is wrong, SandboxError names all mistakes and nothing changes.
     *
     * @param {object[]} items
     * @param {{ collection?: string }} [options]
     */
    load(items: object[], options?: {
        collection?: string;
    }): Promise<void>;
    /**
     * Adds records, as `load` takes them, before all others; their order stays.
     *
     * @param {object[]} items
     * @param {{ collection?: string }} [options]
     */
    add(items: object[], options?: {
        collection?: string;
    }): Promise<void>;
    /**
     * Replaces all records by `count` generated ones (at most 1,000,000), which are the same for the same seed.
     *
     * @param {number} count
     * @param {{ seed?: number, collection?: string }} [options] the seed is 0 where none is given
     */
    generate(count: number, options?: {
        seed?: number;
        collection?: string;
    }): Promise<void>;
    /**
     * Removes the record with that id, e.g. `remove((await account.records())[0].id)`.
     *
     * @param {string} id
     * @param {{ collection?: string }} [options]
     */
    remove(id: string, options?: {
        collection?: string;
    }): Promise<void>;
    /**
     * Returns all records as the client under test gets them, in order, with all their fields.
     *
     * @param {{ collection?: string }} [options]
     * @returns {Promise<Record<string, any>[]>}
     */
    records(options?: {
        collection?: string;
    }): Promise<Record<string, any>[]>;
    /**
     * Restores what a new account has: starting data, an empty journal, no faults, a running clock.
     *
     * Its rate limit is a full one, and its chaos that of the server, from its first request on.
     */
    reset(): Promise<void>;
    /**
     * Scripts the next valid requests that match, one step each, and returns the fault's id, e.g. `"fault-1"`.
     *
     * A step is one of these; `delay` goes with any of the others too:
     *
     * - `{ status: 503 }`, `{ status: 429, headers: { "Retry-After": "1" } }`, `{ status: 200, body: { items: [] } }`:
     *   this answer; a body of text is sent as it is, any other as JSON
     * - `{ delay: 0.5 }`: the answer after so many seconds, at most 60
     * - `{ cut: "reset" }`: no response; `{ cut: "truncate" }`: half of the body; `{ cut: "stall" }`: the headers,
     *   then nothing for 60 seconds
     * - `{ page: "repeat-cursor" }`, or `"empty-cursor"`, `"null-cursors"`, `"empty-page"`, `"short-page"`,
     *   `"duplicate-item"`, `"wrong-total"`, `"expired-cursor"`, `"missing-next"`, `"repeat-page"`, `"wrong-more"`,
     *   `"wrong-pages"`: a page broken so
     * - `"pass"`: the right answer
     *
     * With `after: true`, they come when the request has been carried out, so that its change is made:
     * `{ status: 503, after: true }`. Without, a status and a cut come before, and nothing changes.
     *
     * Several steps are given in a list, e.g.
     * `fail([{ status: 503 }, { cut: "reset" }], { operation: "getUsageMetrics", page: 2, query: { limit: 40 } })`.
     *
     * @param {Step | Step[]} steps
     * @param {object} [options]
     * @param {string} [options.operation] an operation's id, or e.g. `"post /customers"`; any where it is left out,
     *   as for the others
     * @param {number} [options.page] the number of a page within a walk, from 1
     * @param {Query} [options.query] parameters that the request must have, decoded, a list for a repeated one
     * @param {unknown} [options.body] members that the request's body must have, and those within them
     * @param {number | "forever"} [options.repeat] how often all steps are used; once where it is left out
     * @returns {Promise<string>}
     */
    fail(steps: Step | Step[], options?: {
        operation?: string | undefined;
        page?: number | undefined;
        query?: Query | undefined;
        body?: unknown;
        repeat?: number | "forever" | undefined;
    }): Promise<string>;
    /**
     * Returns the faults in the order in which they were scripted, those used up included.
     *
     * @returns {Promise<Fault[]>}
     */
    faults(): Promise<Fault[]>;
    /**
     * Removes the fault with the id that `fail` returned, e.g. `"fault-1"`.
     *
     * @param {string} id
     */
    removeFault(id: string): Promise<void>;
    /**
     * Gives a share of the account's requests trouble, which is the same in every run.
     *
     * A valid request has trouble by the seed (0 where it is left out) and by its number among the account's
     * requests alone. `rate` is from 0 to 1 (0.1 where it is left out), and 0 ends it. A fault is a status, e.g.
     * `503`, one of `"cut"` (a reset connection), `"truncate"`, `"stall"` and `"delay"` (half a second), a kind of
     * page such as `"short-page"`, or a step as `fail` takes it. Where none are given, they are what a client with
     * retries survives: 503, 429, 500, 502, cut and delay. What `fail` scripts comes first.
     *
     * E.g. `chaos({ seed: 7, rate: 0.2, faults: [503, "cut", { delay: 0.1 }] })`. `requests` tells in `chaos` what
     * each one met.
     *
     * @param {{ seed?: number, rate?: number, faults?: (string | number | Step)[] }} [options]
     * @returns {Promise<Chaos>}
     */
    chaos(options?: {
        seed?: number;
        rate?: number;
        faults?: (string | number | Step)[];
    }): Promise<Chaos>;
    /**
     * Returns the journal's requests, newest last.
     *
     * Only those of `operation`, those answered with `status`, those with the parameters of `query` and the members
     * of `body`, as `assertCalled` takes them, and the newest `limit` of these. `account: "anonymous"` means those
     * that came without a valid account.
     *
     * @param {{ operation?: string, status?: number, query?: Query, body?: unknown, limit?: number,
     *   account?: "anonymous" }} [options]
     * @returns {Promise<Request[]>}
     */
    requests(options?: {
        operation?: string;
        status?: number;
        query?: Query;
        body?: unknown;
        limit?: number;
        account?: "anonymous";
    }): Promise<Request[]>;
    /**
     * Returns the walks through pages, in the order in which they began.
     *
     * @returns {Promise<Walk[]>}
     */
    walks(): Promise<Walk[]>;
    /** Empties the journal, and with it the walks. */
    clearRequests(): Promise<void>;
    /**
     * Returns the verdict with its reasons, all mistakes, the unfired faults and the coverage.
     *
     * It is that of this account, of all with `account: "*"`, or of the requests without a valid one with
     * `account: "anonymous"`. It fails on any of the causes that `failOn` has, as a list or a text with commas
     * (`"violations"`, `"unfired"` and `"empty"`, that no request came, where it is left out), and on a coverage of
     * the operations that were called below `failUnder` percent, or of all operations below `failUnderAll`.
     *
     * @param {{ account?: "*" | "anonymous", failOn?: string | readonly Cause[], failUnder?: number,
     *   failUnderAll?: number }} [options]
     * @returns {Promise<Report>}
     */
    report(options?: {
        account?: "*" | "anonymous";
        failOn?: string | readonly Cause[];
        failUnder?: number;
        failUnderAll?: number;
    }): Promise<Report>;
    /**
     * Moves the clock forward, e.g. `advance(61)`, for the rate limit and records that are added.
     *
     * @param {number} seconds
     */
    advance(seconds: number): Promise<void>;
    /**
     * Stops the clock at a moment: a Date, or a text of RFC 3339, e.g. `freeze("2026-01-01T00:00:00Z")`.
     *
     * @param {Date | string} at
     */
    freeze(at: Date | string): Promise<void>;
    /** Lets the clock run on from where it stands. */
    unfreeze(): Promise<void>;
    /**
     * Asserts that so many requests came, or at least one where `times` is left out.
     *
     * Only requests of `operation` count, and those with all parameters of `query`, compared decoded; a list
     * stands for a repeated one. A request's body must have the members of `body`, and those within them, and may
     * have others. E.g. `assertCalled({ times: 1, query: { limit: 5, eventType: ["a", "b"] } })`,
     * `assertCalled({ operation: "createCustomer", body: { address: { city: "Oslo" } } })`.
     * Rejects with SandboxError for an operation, or a parameter's name, that the document does not have.
     *
     * @param {{ times?: number, operation?: string, query?: Query, body?: unknown }} [options]
     */
    assertCalled(options?: {
        times?: number;
        operation?: string;
        query?: Query;
        body?: unknown;
    }): Promise<void>;
    /**
     * Asserts that some walk through pages reached its end, and that none asked for a page twice.
     *
     * `complete: false` asserts that no walk reached its end, `repeats: true` that some walk asked for a page twice;
     * null leaves either open. A retry of a page that failed is no second use. Without any walk it fails.
     *
     * @param {{ complete?: boolean | null, repeats?: boolean | null }} [options]
     */
    assertWalked(options?: {
        complete?: boolean | null;
        repeats?: boolean | null;
    }): Promise<void>;
    /** Asserts that no fault has steps left; one that runs forever must have fired once. */
    assertFaultsFired(): Promise<void>;
    /**
     * Asserts that requests came, and that all were right: that no violation came.
     *
     * With `warnings: true`, no warning may have come either. The message lists each violation with its request
     * and what to do. Without any request it fails, since nothing was right then.
     *
     * @param {{ warnings?: boolean }} [options]
     */
    assertNoViolations(options?: {
        warnings?: boolean;
    }): Promise<void>;
    #private;
}
export type Request = import("./control.js").MockRequest;
export type Walk = import("./control.js").MockWalk;
export type Fault = import("./control.js").MockFault;
export type Step = import("./control.js").MockStep;
export type Report = import("./control.js").MockReport;
export type Chaos = import("./control.js").MockChaos;
export type Cause = "violations" | "warnings" | "unfired" | "empty";
export type Query = Record<string, string | number | boolean | string[]>;
