// The end of a run of Jest: the verdict on its server, which is stopped.

export { globalTeardown as default } from "./global-setup.js";
