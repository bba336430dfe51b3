// The control API, as one account sees it.

// A refusal; `violations` are {code, message, key}, where key may be a JSON pointer into the body.
export class Refused extends Error {
  constructor(status, error = {}) {
    super(error.message ?? `The server answered ${status}.`);
    this.status = status;
    this.violations = error.errors ?? [];
  }
}

// A secret is asked for where the server checks it, and forgotten with the tab; any other will do.
const ANY_SECRET = "inspector";

export const NO_COLON = "A client id has no colon.";

// The path of a URL in the document, e.g. `/api`. It is this page's server that has it, although a proxy may
// have given the server another name than the one by which the page was opened.
export function pathOf(url) {
  return new URL(url, location.origin).pathname;
}

export class Api {
  // `account` is a client id; `signal` ends all calls; `locked` is called where the secret is wrong.
  constructor(account, signal, locked) {
    this.account = account;
    this.signal = signal;
    this.locked = locked;
  }

  get secret() {
    return sessionStorage.getItem(`secret of ${this.account}`) ?? ANY_SECRET;
  }

  get isSecretGiven() {
    return sessionStorage.getItem(`secret of ${this.account}`) !== null;
  }

  set secret(secret) {
    sessionStorage.setItem(`secret of ${this.account}`, secret);
  }

  // Basic would take what follows a colon for the secret, and all before it for an account.
  get authorization() {
    if (this.account.includes(":")) throw new Refused(401, { message: NO_COLON });
    return `Basic ${base64(`${this.account}:${this.secret}`)}`;
  }

  // The JSON of an answer to e.g. `get("walks")`; raises Refused.
  get(path) {
    return this.send("GET", path);
  }

  // The same with a method and a body, which is sent as JSON; null for an answer without a body.
  async send(method, path, body) {
    const options = { method };
    if (body !== undefined) {
      options.body = typeof body === "string" ? body : JSON.stringify(body);
      options.headers = { "Content-Type": "application/json" };
    }
    const answer = await this.fetch(path, options);
    return answer.status === 204 ? null : answer.json();
  }

  // The answer itself; raises Refused where it is none of success.
  async fetch(path, options = {}) {
    const headers = { ...options.headers, Authorization: this.authorization };
    // Relative to the page, which may lie behind a proxy.
    const answer = await fetch(path, { signal: this.signal, ...options, headers });
    if (answer.ok) return answer;
    if (answer.status === 401) this.locked();
    const body = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, body.error);
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
