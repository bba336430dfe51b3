// One account of a running server: its data, faults, journal and clock, and assertions about it.

import * as assertions from "./assertions.js";
import { CONTROL_PATH, ControlApi, pathSegment, waitUntilHealthy } from "./control-api.js";
import { carry, shownName } from "./credentials.js";
import { AssertionFailed } from "./errors.js";
import { encodeAccount, isGiven, Scene } from "./scene.js";
import { printable, quoted, requireOptions, toJson } from "./shown-text.js";

/** @typedef {import("./control.js").MockRequest} Request */
/** @typedef {import("./control.js").MockWalk} Walk */
/** @typedef {import("./control.js").MockFault} Fault */
/** @typedef {import("./control.js").MockStep} Step */
/** @typedef {import("./control.js").MockReport} Report */
/** @typedef {import("./control.js").MockChaos} Chaos */
/** @typedef {"violations" | "warnings" | "unfired" | "empty"} Cause */
/** @typedef {Record<string, string | number | boolean | string[]>} Query */

const STEPS =
  'a step is an object with a status, e.g. {status: 503}, a delay in seconds, e.g. {delay: 0.5}, a cut ' +
  'connection, e.g. {cut: "reset"} (or "truncate", "stall"), or a broken page, e.g. {page: "empty-page"}; or ' +
  '"pass" for the right answer. Several are given in a list: fail([{status: 503}, "pass"])';

// What no option of fail() is named like, but `page` and `body`.
const STEP_MEMBERS = ["status", "headers", "delay", "cut", "after"];

/** What a verdict fails on where nothing else is said. @type {readonly Cause[]} */
const FAIL_ON = ["violations", "unfired", "empty"];

// For mockAccount() alone, which ends an account.

/** @type {(sandbox: Sandbox) => void} */
export let requireSameAccount;

/** Returns a line with the link to an account's requests in the inspector. @type {(sandbox: Sandbox) => string} */
export let linkOf;

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
  #api;
  #records;

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
  static async open(url, clientId, clientSecret, options = {}) {
    requireOptions("Sandbox.open", options, ["caFile"]);
    const health = await waitUntilHealthy(url, 0, options);
    return new Sandbox(url, clientId, clientSecret, undefined, health, options.caFile);
  }

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
  static async openToken(url, token, options = {}) {
    requireOptions("Sandbox.openToken", options, ["caFile"]);
    const health = await waitUntilHealthy(url, 0, options);
    return new Sandbox(url, shownName(token), token, token, health, options.caFile);
  }

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
  constructor(url, clientId, clientSecret, token, health, caFile) {
    const carried = carry(health, token ?? clientId, token === undefined);
    /** The client id, which names the account. */
    this.clientId = clientId;
    /** The client's secret. */
    this.clientSecret = clientSecret;
    /** The token or key, undefined for an account that a client id and a secret name. */
    this.token = token;
    /** The headers with a token or key that the client under test sends, e.g. `{ "X-Api-Key": "sk_test" }`. */
    this.headers = carried.headers;
    /** The same in parameters of the query, e.g. `{ api_key: "sk_test" }`. */
    this.params = carried.params;
    /** The same in cookies, e.g. `{ session: "sk_test" }`. */
    this.cookies = carried.cookies;
    /**
     * The client id and secret as e.g. axios takes them: of a token, itself and an empty password, or undefined
     * where the document takes no Basic.
     */
    this.auth = authOf(clientId, clientSecret, token, carried.takesBasic);
    /**
     * The value of the header Authorization that the client under test sends, e.g. `"Basic bmlnaHRseTpz"`; empty
     * where the document asks for none.
     */
    this.authorization = carried.headers.Authorization ?? (this.auth ? basic(this.auth) : "");
    /** The file of the certificate to trust, for the client under test; undefined for the system's. */
    this.caFile = caFile;
    this.#api = new ControlApi(url, basic({ username: clientId, password: clientSecret }), caFile, token);
    /** The server's root, e.g. `"http://127.0.0.1:8080"`. */
    this.url = this.#api.url;
    /** The URL for the client under test, e.g. `"http://127.0.0.1:8080/api"`. */
    this.baseUrl = `${this.url}${health.basePath}`;
    this.#records = Object.keys(health.records);
  }

  /** The account and the page that shows it, without the secret. */
  toString() {
    const place = `${this.url}${CONTROL_PATH}/#requests?account=${encodeAccount(this.clientId)}`;
    return `<Sandbox ${quoted(this.clientId)} at ${place}>`;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.toString();
  }

  // Data

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
  async create(collection, record) {
    return this.#api.call("POST", `/collections/${pathSegment(collection)}/records`, record);
  }

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
  async update(collection, id, changes) {
    return this.#api.call("PATCH", recordPath(collection, id), changes);
  }

  /**
   * Returns the record with that id, with all its fields; rejects with SandboxError where there is none.
   *
   * @param {string} collection
   * @param {string} id
   * @returns {Promise<Record<string, any>>}
   */
  async record(collection, id) {
    return this.#api.call("GET", recordPath(collection, id));
  }

  /**
   * Replaces all records by these, in this order.
   *
   * A record has the fields that the document names. One that lacks an id, an account or a time of creation
   * is given it. If any is wrong, SandboxError names all mistakes and nothing changes.
   *
   * @param {object[]} items
   * @param {{ collection?: string }} [options]
   */
  async load(items, options = {}) {
    await this.#api.call("PUT", this.#path("load", options), { items });
  }

  /**
   * Adds records, as `load` takes them, before all others; their order stays.
   *
   * @param {object[]} items
   * @param {{ collection?: string }} [options]
   */
  async add(items, options = {}) {
    await this.#api.call("POST", this.#path("add", options), { items });
  }

  /**
   * Replaces all records by `count` generated ones (at most 1,000,000), which are the same for the same seed.
   *
   * @param {number} count
   * @param {{ seed?: number, collection?: string }} [options] the seed is 0 where none is given
   */
  async generate(count, options = {}) {
    const { seed = 0, ...others } = options;
    const path = this.#path("generate", others, "seed");
    await this.#api.call("POST", `${path}/generate`, { count, seed });
  }

  /**
   * Removes the record with that id, e.g. `remove((await account.records())[0].id)`.
   *
   * @param {string} id
   * @param {{ collection?: string }} [options]
   */
  async remove(id, options = {}) {
    await this.#api.call("DELETE", `${this.#path("remove", options)}/records/${pathSegment(id)}`);
  }

  /**
   * Returns all records as the client under test gets them, in order, with all their fields.
   *
   * @param {{ collection?: string }} [options]
   * @returns {Promise<Record<string, any>[]>}
   */
  async records(options = {}) {
    const answer = await this.#api.call("GET", this.#path("records", options), undefined, { limit: 1_000_000 });
    return answer.items;
  }

  /**
   * Restores what a new account has: starting data, an empty journal, no faults, a running clock.
   *
   * Its rate limit is a full one, and its chaos that of the server, from its first request on.
   */
  async reset() {
    this.#api.forgetAccount();
    await this.#api.call("POST", "/reset");
  }

  // Faults

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
  async fail(steps, options = {}) {
    const script = Array.isArray(steps) ? steps : [steps];
    requireSteps(script);
    requireFaultOptions(options);
    const { operation, page, query, body, repeat = 1 } = options;
    const isOpen = [page, query, body].every((each) => each === undefined);
    const when = isOpen ? undefined : { page, query, body };
    const fault = await this.#api.call("POST", "/faults", { operation, when, script, repeat });
    return fault.id;
  }

  /**
   * Returns the faults in the order in which they were scripted, those used up included.
   *
   * @returns {Promise<Fault[]>}
   */
  async faults() {
    return (await this.#api.call("GET", "/faults")).items;
  }

  /**
   * Removes the fault with the id that `fail` returned, e.g. `"fault-1"`.
   *
   * @param {string} id
   */
  async removeFault(id) {
    await this.#api.call("DELETE", `/faults/${pathSegment(id)}`);
  }

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
  async chaos(options = {}) {
    requireOptions("chaos", options, ["seed", "rate", "faults"]);
    return this.#api.call("PUT", "/chaos", { seed: 0, rate: 0.1, ...options });
  }

  // What came

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
  async requests(options = {}) {
    requireOptions("requests", options, ["operation", "status", "query", "body", "limit", "account"]);
    return (await this.#journal(options)).items;
  }

  /**
   * Returns the walks through pages, in the order in which they began.
   *
   * @returns {Promise<Walk[]>}
   */
  async walks() {
    return (await this.#api.call("GET", "/walks")).items;
  }

  /** Empties the journal, and with it the walks. */
  async clearRequests() {
    await this.#api.call("DELETE", "/requests");
  }

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
  async report(options = {}) {
    requireOptions("report", options, ["account", "failOn", "failUnder", "failUnderAll"]);
    const { failOn = FAIL_ON, ...others } = options;
    return this.#api.report({ ...others, failOn: String(failOn) });
  }

  // The clock

  /**
   * Moves the clock forward, e.g. `advance(61)`, for the rate limit and records that are added.
   *
   * @param {number} seconds
   */
  async advance(seconds) {
    await this.#api.call("PUT", "/clock", { advance: seconds });
  }

  /**
   * Stops the clock at a moment: a Date, or a text of RFC 3339, e.g. `freeze("2026-01-01T00:00:00Z")`.
   *
   * @param {Date | string} at
   */
  async freeze(at) {
    await this.#api.call("PUT", "/clock", { now: typeof at === "string" ? at : at.toISOString() });
  }

  /** Lets the clock run on from where it stands. */
  async unfreeze() {
    await this.#api.call("PUT", "/clock", { frozen: false });
  }

  // Assertions
  //
  // A message shows the nearest requests, best first, with what was wrong with them, which other accounts got
  // requests if none came to this one, and a link that opens the account in the inspector.

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
  async assertCalled(options = {}) {
    requireOptions("assertCalled", options, ["times", "operation", "query", "body"]);
    const { times, ...wanted } = options;
    const found = await this.#journal(wanted);
    const scene = await this.#scene();
    this.#requireSameAccount();
    assertions.assertCalled(found, scene, times, wanted);
  }

  /**
   * Asserts that some walk through pages reached its end, and that none asked for a page twice.
   *
   * `complete: false` asserts that no walk reached its end, `repeats: true` that some walk asked for a page twice;
   * null leaves either open. A retry of a page that failed is no second use. Without any walk it fails.
   *
   * @param {{ complete?: boolean | null, repeats?: boolean | null }} [options]
   */
  async assertWalked(options = {}) {
    requireOptions("assertWalked", options, ["complete", "repeats"]);
    const { complete = true, repeats = false } = options;
    // The journal after the walks: what it has not dropped by then, they did not miss either.
    const walks = await this.walks();
    const scene = await this.#scene();
    this.#requireSameAccount();
    assertions.assertWalked(walks, scene, complete, repeats);
  }

  /** Asserts that no fault has steps left; one that runs forever must have fired once. */
  async assertFaultsFired() {
    const faults = await this.faults();
    const scene = await this.#scene();
    this.#requireSameAccount();
    assertions.assertFaultsFired(faults, scene);
  }

  /**
   * Asserts that requests came, and that all were right: that no violation came.
   *
   * With `warnings: true`, no warning may have come either. The message lists each violation with its request
   * and what to do. Without any request it fails, since nothing was right then.
   *
   * @param {{ warnings?: boolean }} [options]
   */
  async assertNoViolations(options = {}) {
    requireOptions("assertNoViolations", options, ["warnings"]);
    const { items } = await this.#api.call("GET", "/violations");
    const scene = await this.#scene();
    this.#requireSameAccount();
    assertions.assertNoViolations(items, scene, options.warnings ?? false);
  }

  // Throws AssertionFailed if the account has changed since `reset`; called after all others.
  #requireSameAccount() {
    if (!this.#api.isAnother) return;
    throw new AssertionFailed(`the account ${quoted(this.clientId)} is not the one that it was: ${this.#loss()}`);
  }

  // Returns why an account is another one, with all that it knew lost.
  #loss() {
    const [was, isNow] = this.#api.replicas;
    if (was !== isNow) {
      const moved = printable(`it was on replica ${was} and is now on ${isNow}`);
      return `${moved}, which knows nothing of what came before`;
    }
    return (
      "the server was restarted, or has given the account up for others (raise --max-accounts), " +
      "with all that it knew"
    );
  }

  static {
    requireSameAccount = (sandbox) => sandbox.#requireSameAccount();
    linkOf = (sandbox) => sandbox.#sceneOf({ items: [], recorded: 0, dropped: 0 }, []).describeLink("requests");
  }

  // Calls

  async #scene() {
    const journal = await this.#journal({});
    const accounts = journal.recorded ? [] : (await this.#api.call("GET", "/accounts")).items;
    return this.#sceneOf(journal, accounts);
  }

  /**
   * @param {import("./scene.js").RequestList} journal
   * @param {import("./scene.js").AccountUse[]} accounts
   */
  #sceneOf(journal, accounts) {
    return new Scene(journal, this.clientId, `${this.url}${CONTROL_PATH}/`, accounts);
  }

  /**
   * @param {import("./scene.js").Wanted & Record<string, unknown>} wanted
   * @returns {Promise<import("./scene.js").RequestList>}
   */
  #journal({ query, body, ...others }) {
    const texts = { query: query && toJson(query), body: isGiven(body) ? toJson(body) : undefined };
    return this.#api.call("GET", "/requests", undefined, { ...others, ...texts });
  }

  /**
   * @param {string} call
   * @param {{ collection?: string }} options
   * @param {string[]} others
   */
  #path(call, options, ...others) {
    requireOptions(call, options, ["collection", ...others]);
    return `/collections/${pathSegment(options.collection ?? this.#onlyCollection())}`;
  }

  #onlyCollection() {
    const [name, ...others] = this.#records;
    if (name !== undefined && others.length === 0) return name;
    throw new TypeError(`the document has several collections; name one of ${this.#records.join(", ")}`);
  }
}

/**
 * @param {string} collection
 * @param {string} id
 */
function recordPath(collection, id) {
  return `/collections/${pathSegment(collection)}/records/${pathSegment(id)}`;
}

/**
 * @param {string} clientId
 * @param {string} clientSecret
 * @param {string | undefined} token
 * @param {boolean} takesBasic
 */
function authOf(clientId, clientSecret, token, takesBasic) {
  if (token === undefined) return { username: clientId, password: clientSecret };
  return takesBasic ? { username: token, password: "" } : undefined;
}

/** @param {{ username: string, password: string }} pair */
function basic({ username, password }) {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** @param {unknown[]} steps */
function requireSteps(steps) {
  if (steps.length === 0) throw new TypeError(`fail() needs at least one step; ${STEPS}`);
  for (const step of steps) {
    if (step === "pass" || (typeof step === "object" && step !== null && !Array.isArray(step))) continue;
    throw new TypeError(`${printable(JSON.stringify(step) ?? String(step), 60)} is no step of fail(); ${STEPS}`);
  }
}

/**
 * Refuses a second step in place of the options, as the Python client takes it.
 *
 * @param {unknown} options
 */
function requireFaultOptions(options) {
  const isStep = options === "pass" || STEP_MEMBERS.some((name) => Object.hasOwn(Object(options), name));
  if (isStep) throw new TypeError(`fail() takes one step, or several in a list; ${STEPS}`);
  requireOptions("fail", options, ["operation", "page", "query", "body", "repeat"]);
  const { page } = /** @type {{ page?: unknown }} */ (options);
  if (page !== undefined && typeof page !== "number") {
    throw new TypeError(`'${printable(String(page), 60)}' is no number of a page; ${STEPS}`);
  }
}
