// The control API of a running server, called over HTTP as one account.

import { setTimeout as sleep } from "node:timers/promises";

import { OtherServer, SandboxError, TransportError } from "./errors.js";
import { Connections, USUAL_LIMITS } from "./http.js";
import { printable, toJson } from "./shown-text.js";

/** @typedef {import("./control.js").MockHealth} Health */

export const CONTROL_PATH = "/_mock";

// The header of each answer that tells whether the account is still the one that it was.
const EPOCH = "x-mock-account-epoch";

// The header with the server's name, where several share the accounts.
const REPLICA = "x-mock-replica";

// Where a load balancer finds the token of an account, which the calls of its test name by a digest.
const KEY = "X-API-Key";

// What a proxy or a port that is being published answers before the server behind it does.
const NOT_YET = [502, 503, 504];

const POLL_MILLISECONDS = 20;

// The shortest wait for the health of a server that there is, in seconds.
const SHORTEST_SECONDS = 10;

// A server that reports about itself in no more is taken for a hostile one.
const REPORT_LIMITS = { wait: 10, whole: 10, size: 64_000_000 };

/** The control API at a server's root, e.g. `http://127.0.0.1:8080`, called as one account. */
export class ControlApi {
  #connections;
  /** @type {Record<string, string>} */
  #headers;
  /** @type {string | string[] | undefined} */
  #epoch;

  /**
   * @param {string} url
   * @param {string | undefined} authorization
   * @param {string | undefined} caFile
   * @param {string | undefined} [token] that of an account which the client id only shows
   */
  constructor(url, authorization, caFile, token) {
    this.#connections = new Connections(url, caFile);
    this.url = this.#connections.url;
    this.#headers = authorization ? { Authorization: authorization } : {};
    if (token !== undefined && /^[!-~]+$/.test(token)) this.#headers[KEY] = token;
    this.isAnother = false;
    /**
     * The names of the servers that had the account first and that answered last.
     *
     * @type {[string | undefined, string | undefined]}
     */
    this.replicas = [undefined, undefined];
  }

  /** Takes the account that answers next for the one that is meant. */
  forgetAccount() {
    this.#epoch = undefined;
    this.isAnother = false;
    this.replicas = [undefined, undefined];
  }

  /**
   * Returns the server's health, without credentials, within so many seconds.
   *
   * @param {number} [seconds]
   * @returns {Promise<Health>}
   */
  async health(seconds = 60) {
    const limits = { wait: seconds, whole: seconds, size: 1_000_000 };
    const answer = await this.#send("GET", "/health", undefined, {}, limits);
    let health;
    try {
      health = parseJson(answer.body);
    } catch (error) {
      throw new OtherServer(`${this.url} is another kind of server: ${/** @type {Error} */ (error).message}`);
    }
    if (typeof health !== "object" || health === null || !("basePath" in health && "records" in health)) {
      const shown = JSON.stringify(health).slice(0, 100);
      throw new OtherServer(`${this.url} is another kind of server: its health says ${shown}`);
    }
    return health;
  }

  /**
   * Returns the answer to `GET /report`, within 10 seconds and 64,000,000 bytes.
   *
   * @param {Record<string, unknown>} params
   * @returns {Promise<import("./control.js").MockReport>}
   */
  report(params) {
    return this.call("GET", "/report", undefined, params, REPORT_LIMITS);
  }

  /**
   * Returns the JSON of an answer, null where it has no body.
   *
   * `path` is below `/_mock`, `body` is sent as JSON and `params` as the query, without those that are
   * undefined, e.g. `call("PUT", "/clock", { advance: 61 })`.
   *
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, unknown>} [params]
   * @param {import("./http.js").Limits} [limits]
   * @returns {Promise<any>}
   */
  async call(method, path, body, params = {}, limits = USUAL_LIMITS) {
    const query = encode(params);
    const target = query ? `${path}?${query}` : path;
    const answer = await this.#send(method, target, body, this.#headers, limits);
    this.#notice(answer.headers);
    if (answer.body.length === 0) return null;
    try {
      return parseJson(answer.body);
    } catch (error) {
      const message = /** @type {Error} */ (error).message;
      throw new SandboxError(answer.status, `${describe(method, target, answer)}: ${message}`);
    }
  }

  // Notices by the headers of an answer whether the account is still the one that it was.
  /** @param {import("node:http").IncomingHttpHeaders} headers */
  #notice(headers) {
    const replica = headers[REPLICA]?.toString();
    const first = this.#epoch === undefined ? replica : this.replicas[0];
    this.#epoch ??= headers[EPOCH];
    this.isAnother ||= headers[EPOCH] !== this.#epoch;
    this.replicas = [first, replica];
  }

  /**
   * @param {string} method
   * @param {string} target
   * @param {unknown} body
   * @param {Record<string, string>} headers
   * @param {import("./http.js").Limits} limits
   */
  async #send(method, target, body, headers, limits) {
    const content = body === undefined ? undefined : toJson(body);
    const sent = content === undefined ? headers : { ...headers, "Content-Type": "application/json" };
    const answer = await this.#connections.send(method, CONTROL_PATH + target, content, sent, limits);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new SandboxError(answer.status, refusalMessage(method, target, answer));
  }
}

/** @param {Record<string, unknown>} params */
function encode(params) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const texts = given.map(([name, value]) => [name, typeof value === "string" ? value : toJson(value)]);
  return texts.map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`).join("&");
}

/** @param {Buffer} content */
function parseJson(content) {
  try {
    return JSON.parse(content.toString());
  } catch {
    throw new Error(`its answer is no JSON: '${printable(content.toString("utf8", 0, 60))}'`);
  }
}

/**
 * @param {string} method
 * @param {string} target
 * @param {import("./http.js").Answer} answer
 */
function describe(method, target, answer) {
  return `${method} ${CONTROL_PATH}${target.split("?")[0]} was answered with ${answer.status}`;
}

/**
 * @param {string} method
 * @param {string} target
 * @param {import("./http.js").Answer} answer
 */
function refusalMessage(method, target, answer) {
  const start = describe(method, target, answer);
  let lines;
  try {
    const { error } = parseJson(answer.body);
    const found = (error.errors ?? []).map(
      (/** @type {{ key?: string, message: string }} */ each) => `  ${each.key ?? ""}: ${each.message}`,
    );
    lines = [`${start}: ${error.message}`, ...found];
  } catch {
    // The first words of a page that another server gives.
    const text = answer.body.toString("utf8", 0, 1000).split(/\s+/).join(" ").trim();
    lines = [text ? `${start}: ${text.slice(0, 100)}` : start];
  }
  return lines.map((line) => printable(line)).join("\n");
}

/**
 * Returns a text encoded as one segment of a path, e.g. `a%2Fb`, and `%2E%2E` for `..`.
 *
 * @param {string} text
 */
export function pathSegment(text) {
  return encodeURIComponent(text).replaceAll(".", "%2E");
}

/**
 * Returns the health of the server at a root as soon as it is ready.
 *
 * E.g. `(await waitUntilHealthy("http://127.0.0.1:8080", 10)).basePath` is `"/api"`. Asks at least once.
 * Throws TypeError where `url` is no URL, and OtherServer at once where another kind of server answers, or
 * `url` goes on behind the root of a mock server; TransportError where no server is ready within `seconds`.
 *
 * @param {string} url
 * @param {number} [seconds]
 * @param {{ caFile?: string | undefined }} [options] `caFile`: the certificate (PEM) to trust, for https
 * @returns {Promise<Health>}
 */
export async function waitUntilHealthy(url, seconds = 0, { caFile } = {}) {
  await requireRoot(url, caFile);
  const api = new ControlApi(url, undefined, caFile);
  const tries = Math.ceil((seconds * 1000) / POLL_MILLISECONDS);
  for (let left = tries; ; left -= 1) {
    try {
      return await api.health(Math.max(seconds, SHORTEST_SECONDS));
    } catch (error) {
      const message = /** @type {Error} */ (error).message;
      const isRefusal = error instanceof SandboxError;
      if (isRefusal && !NOT_YET.includes(error.status)) {
        throw new OtherServer(`${api.url} does not answer as a mock server: ${message}`);
      }
      if (!isRefusal && !(error instanceof TransportError)) throw error;
      if (left <= 0) throw new TransportError(`there is no healthy mock server at ${url}: ${message}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/**
 * Throws OtherServer with what to give, where a URL goes on behind the root of a mock server.
 *
 * The root is asked first, since the server would take `/api/_mock/health` for a mistaken request of the
 * client under test, and count it.
 *
 * @param {string} url
 * @param {string | undefined} caFile
 */
async function requireRoot(url, caFile) {
  if (!URL.canParse(url)) return;
  const { origin, pathname } = new URL(url);
  if (pathname.replaceAll("/", "") === "") return;
  try {
    await new ControlApi(origin, undefined, caFile).health(SHORTEST_SECONDS);
  } catch {
    return;
  }
  throw new OtherServer(`'${printable(pathname, 100)}' is behind the root of the mock server; give ${origin}`);
}
