// What calls and assertions throw.

/** A call that the server refused. The message has the server's own words, with a line for each mistake. */
export class SandboxError extends Error {
  /**
   * @param {number} status the answer's, e.g. 400
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = "SandboxError";
    this.status = status;
  }
}

/** There is no server, or none that answers; the message says where, and what happened. */
export class TransportError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "TransportError";
  }
}

/** What answers at a URL is another kind of server; the message says what it answers. */
export class OtherServer extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "OtherServer";
  }
}

/** An assertion that does not hold. Jest rewrites the messages of errors named AssertionError. */
export class AssertionFailed extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "AssertionFailed";
  }
}

/** What a test or a run asks for cannot be; the message says why, and what to do. */
export class Refused extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "Refused";
  }
}
