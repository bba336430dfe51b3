// The scene of a failed assertion: what came to an account, and where to look further, in words.

import { printable, quoted, shownJson } from "./shown-text.js";

/** @typedef {import("./control.js").MockRequest} Request */
/** @typedef {{ items: Request[], recorded: number, dropped: number }} RequestList */
/** @typedef {{ account: string, recorded: number, last: Request | null }} AccountUse */
/** @typedef {Record<string, unknown>} Query */
/**
 * Which requests are looked for; what is left out is open. `body` has members that the body must have.
 *
 * @typedef {{ operation?: string | undefined, query?: Query | undefined, body?: unknown }} Wanted
 */

// The name under which requests without a valid account are listed.
const ANONYMOUS = "anonymous";

// How many requests, and how many other accounts, a message lists.
const LISTED = 10;
const OTHERS = 5;

// Characters of a body that a message shows.
const BODY = 300;

// The longest text of JSON that is shown as null though it was kept: `null`.
const NULL = 4;

/** What an assertion had before it. */
export class Scene {
  /** @type {AccountUse[]} */
  #others;

  /**
   * @param {RequestList} journal all requests of the account
   * @param {string} clientId that of the account
   * @param {string} page the URL of the inspector, e.g. `http://127.0.0.1:8080/_mock/`
   * @param {AccountUse[]} accounts those that got requests; looked at where none came to this one
   */
  constructor(journal, clientId, page, accounts) {
    this.journal = journal;
    this.clientId = clientId;
    this.page = page;
    this.#others = accounts.filter((use) => use.account !== clientId);
  }

  /**
   * Returns what came, and the link to a view of the inspector, e.g. `walks`, in lines.
   *
   * The requests nearest to what was wanted come first.
   *
   * @param {string} view
   * @param {Wanted} [wanted]
   */
  describe(view, wanted = {}) {
    return [...this.#requests(wanted), this.describeLink(view)].join("\n");
  }

  /**
   * Returns a line with the link to a view of the inspector.
   *
   * @param {string} view
   */
  describeLink(view) {
    return `see ${this.page}#${view}?account=${encodeAccount(this.clientId)}`;
  }

  /** @param {Wanted} wanted */
  #requests(wanted) {
    const { recorded, items } = this.journal;
    if (!recorded) return [`no request came to the account ${quoted(this.clientId)}${this.#elsewhere()}`];
    if (items.length === 0) return ["the journal has dropped all requests"];
    // Of requests that are as near, the newest comes first.
    const nearest = items
      .toReversed()
      .map((entry) => ({ entry, near: nearness(entry, wanted) }))
      .sort((a, b) => b.near[0] - a.near[0] || b.near[1] - a.near[1] || b.near[2] - a.near[2]);
    const lines = nearest.slice(0, LISTED).flatMap(({ entry }) => formatRequest(entry, isGiven(wanted.body)));
    const more = nearest.length > LISTED ? [`  and ${nearest.length - LISTED} more`] : [];
    return ["the nearest requests were:", ...lines, ...more];
  }

  // Which other accounts got requests, as the end of a sentence.
  #elsewhere() {
    if (this.#others.length === 0) return ", nor to any other";
    const lines = this.#others.slice(0, OTHERS).map(formatUse);
    const more = this.#others.length > OTHERS ? ["  and other accounts"] : [];
    return [", but these got some (are its credentials the ones that are sent?):", ...lines, ...more].join("\n");
  }
}

/**
 * Returns a text as the inspector's page writes it into its URL, e.g. `a+b%7E*` for `a b~*`.
 *
 * @param {string} text
 */
export function encodeAccount(text) {
  return new URLSearchParams({ a: text }).toString().slice(2);
}

/**
 * Returns how near a request is to what was wanted: equal parameters and members of the body count most, then the
 * operation, or any without a wanted one, then parameters and members that have another value, and parameters
 * whose value has another name.
 *
 * @param {Request} entry
 * @param {Wanted} wanted
 * @returns {[number, number, number]}
 */
function nearness(entry, { operation, query = {}, body }) {
  const sent = new URLSearchParams(entry.query);
  const wanted = Object.entries(query);
  const alike = wanted.filter(([name, value]) => isEqual(sent, name, value));
  const halves = wanted.filter(
    ([name, value]) => sent.has(name) || [...sent.keys()].some((other) => isEqual(sent, other, value)),
  );
  const own = isObject(entry.body) ? entry.body : {};
  const there = Object.entries(isObject(body) ? body : {}).filter(([name]) => Object.hasOwn(own, name));
  const same = there.filter(([name, value]) => includes(own[name], value));
  const isMeant = operation === undefined ? entry.operation !== null : entry.operation === operation;
  return [alike.length + same.length, Number(isMeant), halves.length + there.length];
}

/**
 * Tells whether a value has everything that is wanted of it, and maybe more, as the server compares bodies.
 *
 * @param {unknown} value
 * @param {unknown} wanted
 * @returns {boolean}
 */
function includes(value, wanted) {
  if (Array.isArray(wanted)) {
    const isAsLong = Array.isArray(value) && value.length === wanted.length;
    return isAsLong && wanted.every((part, index) => includes(value[index], part));
  }
  if (!isObject(wanted)) return value === wanted;
  if (!isObject(value)) return false;
  return Object.entries(wanted).every(([name, part]) => Object.hasOwn(value, name) && includes(value[name], part));
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether a body is asked for. @param {unknown} body */
export function isGiven(body) {
  return body !== undefined && body !== null;
}

/** Tells whether a request had a body that the journal has dropped. @param {Request} entry */
export function lacksBody(entry) {
  return entry.body === null && entry.bodySize > NULL;
}

/**
 * @param {URLSearchParams} sent
 * @param {string} name
 * @param {unknown} value
 */
function isEqual(sent, name, value) {
  const [found, wanted] = [sent.getAll(name), texts(value)];
  return found.length === wanted.length && found.every((text, index) => text === wanted[index]);
}

/**
 * @param {unknown} value
 * @returns {string[]}
 */
function texts(value) {
  if (Array.isArray(value)) return value.flatMap(texts);
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

/**
 * @param {Request} entry
 * @param {boolean} showsBody
 */
function formatRequest(entry, showsBody) {
  const mistakes = mistakesOf(entry).map(({ kind, mistake }) => formatMistake(kind, mistake));
  const body = showsBody && entry.body !== null ? [printable(`      body ${shownJson(entry.body)}`, BODY)] : [];
  return [`  ${formatLine(entry)}`, ...body, ...mistakes];
}

/**
 * Returns a mistake in a line, with its place where that is in the body, e.g. `/address/city`.
 *
 * @param {string} kind
 * @param {{ code: string, key: string, message: string }} mistake
 */
export function formatMistake(kind, { code, key, message }) {
  return printable(`      ${kind} ${code}${key.startsWith("/") ? ` at ${key}` : ""}: ${message}`);
}

/**
 * Returns the violations of a request, then its warnings.
 *
 * @param {Request} entry
 */
export function mistakesOf(entry) {
  return [
    ...entry.violations.map((mistake) => ({ kind: "violation", mistake })),
    ...entry.warnings.map((mistake) => ({ kind: "warning", mistake })),
  ];
}

/**
 * Returns a request and what was answered, e.g. `GET /api/things?limit=5 -> 200`.
 *
 * @param {Request} entry
 */
export function formatLine(entry) {
  const query = entry.query ? `?${entry.query}` : "";
  return printable(`${entry.method} ${entry.path}${query} -> ${entry.status ?? "no answer"}`);
}

/** @param {AccountUse} use */
function formatUse({ account, recorded, last }) {
  const of = account === ANONYMOUS ? "without a valid account" : quoted(account);
  const counted = `  ${of}: ${recorded} request${recorded === 1 ? "" : "s"}`;
  return last === null ? counted : `${counted}, the last one ${formatLine(last)}`;
}
