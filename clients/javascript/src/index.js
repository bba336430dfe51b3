// A test suite's handle on the accounts of a running server.

export { waitUntilHealthy } from "./control-api.js";
export { AssertionFailed, OtherServer, Refused, SandboxError, TransportError } from "./errors.js";
export { Sandbox } from "./sandbox.js";

/** @typedef {import("./sandbox.js").Request} Request */
/** @typedef {import("./sandbox.js").Walk} Walk */
/** @typedef {import("./sandbox.js").Fault} Fault */
/** @typedef {import("./sandbox.js").Step} Step */
/** @typedef {import("./sandbox.js").Chaos} Chaos */
/** @typedef {import("./sandbox.js").Report} Report */
/** @typedef {import("./accounts.js").AccountOptions} AccountOptions */
