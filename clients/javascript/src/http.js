// HTTP connections to the control API.
//
// Test suites replace `fetch` (msw, nock, jsdom, happy-dom) and the clock (fake timers). Calls of the control
// API are the test's own channel to the server: they go by node:http, and all functions that they need are
// taken when this module is loaded. node:http is also what takes a CA of its own for https.

import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import { connect as connectTls } from "node:tls";
import { getSystemErrorMap } from "node:util";

import { OtherServer, TransportError } from "./errors.js";
import { printable } from "./shown-text.js";

/** @typedef {{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }} Answer */

/**
 * What an answer may take: seconds until the next piece, seconds in all, and bytes.
 *
 * @typedef {{ wait: number, whole?: number, size?: number }} Limits
 */

/** @type {Limits} */
export const USUAL_LIMITS = { wait: 60 };

// What nock 15 replaces, as @mswjs/interceptors 0.44 does it, in the prototypes: a socket and agents of our own
// keep what was there when this module was loaded. The types of Node don't have addRequest.
class OwnSocket extends /** @type {any} */ (Socket) {}
Object.defineProperty(OwnSocket.prototype, "connect", { value: Socket.prototype.connect });

class OwnHttpAgent extends HttpAgent {
  /** @override @param {any} options */
  createConnection(options) {
    return new OwnSocket().connect(options);
  }
}

class OwnHttpsAgent extends HttpsAgent {
  /** @override @param {any} options */
  createConnection(options) {
    return connectTls({ ...options, socket: new OwnSocket().connect(options) });
  }
}
for (const [own, kind] of [[OwnHttpAgent, HttpAgent], [OwnHttpsAgent, HttpsAgent]]) {
  /** @type {any} */ (own).prototype.addRequest = /** @type {any} */ (kind).prototype.addRequest;
}

const CERTIFICATE = /CERT|SIGNATURE|ISSUER|CRL/;

/**
 * Returns the URL of a server's root without a slash at its end; throws TypeError where it is none.
 *
 * @param {string} url
 */
export function parseRoot(url) {
  const parsed = URL.canParse(url) && !/[\s?#]/.test(url) ? new URL(url) : null;
  if (!parsed || !["http:", "https:"].includes(parsed.protocol) || parsed.port === "0") {
    const shown = printable(String(url).replace(/\/\/.*@/, "//"), 100);
    throw new TypeError(`'${shown}' is not the URL of a server, such as http://127.0.0.1:8080`);
  }
  if (parsed.username || parsed.password) {
    // The value is a secret, so the message does not show it.
    throw new TypeError(
      `the URL of the server at ${parsed.hostname} holds credentials; give it without them, ` +
        "such as http://127.0.0.1:8080",
    );
  }
  return url.replace(/\/+$/, "");
}

/** The connections to a server, kept open between calls, and opened anew where they are gone. */
export class Connections {
  #agent;
  #request;

  /**
   * @param {string} url the server's root
   * @param {string | undefined} caFile the certificate (PEM) of the authority to trust, for https
   */
  constructor(url, caFile) {
    this.url = parseRoot(url);
    const isEncrypted = this.url.startsWith("https:");
    const trusted = isEncrypted && caFile ? { ca: readCertificate(caFile) } : {};
    this.#request = isEncrypted ? httpsRequest : httpRequest;
    this.#agent = new (isEncrypted ? OwnHttpsAgent : OwnHttpAgent)({ keepAlive: true, ...trusted });
  }

  /**
   * Returns the answer to a request; throws TransportError where there is none within `limits`.
   *
   * @param {string} method
   * @param {string} path
   * @param {string | undefined} body
   * @param {Record<string, string>} headers
   * @param {Limits} limits
   * @returns {Promise<Answer>}
   */
  async send(method, path, body, headers, limits) {
    for (;;) {
      /** @type {{ isReused: boolean }} */
      const connection = { isReused: false };
      try {
        return await this.#sendOnce(method, path, body, headers, limits, connection);
      } catch (error) {
        const failure = /** @type {NodeJS.ErrnoException} */ (error);
        // The server closed it while it was idle, e.g. since it was restarted.
        if (connection.isReused && ["ECONNRESET", "EPIPE"].includes(failure.code ?? "")) continue;
        throw this.#explain(failure, `${method} ${this.url}${path}`);
      }
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | undefined} body
   * @param {Record<string, string>} headers
   * @param {Limits} limits
   * @param {{ isReused: boolean }} connection
   * @returns {Promise<Answer>}
   */
  #sendOnce(method, path, body, headers, limits, connection) {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
      const request = this.#request(this.url + path, {
        agent: this.#agent,
        method,
        headers: { ...headers, ...length },
      });
      const late = (/** @type {string} */ message) => request.destroy(new TransportError(message));
      request.setTimeout(limits.wait * 1000, () => late(`no answer came within ${limits.wait} seconds`));
      const { whole } = limits;
      const timer =
        whole && setTimeout(() => late(`the answer was not complete after ${whole} seconds`), whole * 1000);
      const fail = (/** @type {Error} */ error) => {
        if (timer) clearTimeout(timer);
        connection.isReused = request.reusedSocket;
        reject(error);
      };
      request.on("error", fail);
      request.on("response", (response) => {
        /** @type {Buffer[]} */
        const pieces = [];
        let size = 0;
        response.on("error", fail);
        response.on("data", (piece) => {
          size += piece.length;
          if (limits.size && size > limits.size) late(`the answer is larger than ${limits.size} bytes`);
          else pieces.push(piece);
        });
        response.on("end", () => {
          if (timer) clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) });
        });
      });
      request.end(body);
    });
  }

  /**
   * @param {NodeJS.ErrnoException} error
   * @param {string} call
   */
  #explain(error, call) {
    const code = error.code ?? "";
    if (code.startsWith("HPE_")) return new OtherServer(`${this.url} answers, but does not speak HTTP`);
    if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
      return new OtherServer(`${this.url} answers, but does not speak TLS; give its URL with http://`);
    }
    if (CERTIFICATE.test(code)) {
      return new OtherServer(
        `${this.url} answers, but its certificate is not trusted: ${error.message}; give the file of a ` +
          "certificate to trust (the option caFile, MOCK_SERVER_CA or NODE_EXTRA_CA_CERTS)",
      );
    }
    return new TransportError(`${call}: ${reason(error)}`);
  }
}

/** @param {string} caFile */
function readCertificate(caFile) {
  try {
    return readFileSync(caFile);
  } catch (error) {
    throw new TypeError(`the file of a certificate to trust can't be read: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {NodeJS.ErrnoException} error */
function reason(error) {
  if (error instanceof TransportError) return error.message;
  // An AggregateError of several addresses has a code, and no message.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  if (first.code === "ECONNRESET") return "the server closed the connection without an answer";
  const known = first.errno === undefined ? undefined : getSystemErrorMap().get(first.errno);
  return known ? known[1] : first.message;
}
