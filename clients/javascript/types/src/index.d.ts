export { waitUntilHealthy } from "./control-api.js";
export { Sandbox } from "./sandbox.js";
export type Request = import("./sandbox.js").Request;
export type Walk = import("./sandbox.js").Walk;
export type Fault = import("./sandbox.js").Fault;
export type Step = import("./sandbox.js").Step;
export type Report = import("./sandbox.js").Report;
export type AccountOptions = import("./accounts.js").AccountOptions;
export { AssertionFailed, OtherServer, Refused, SandboxError, TransportError } from "./errors.js";
