// @scalar/mock-server as its README starts it; it is a library, without a command of its own.
// Run in the folder that it is installed in, with the port and the document.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [port, document] = process.argv.slice(2);
const resolve = createRequire(`${process.cwd()}/package.json`).resolve;
const { serve } = await import(pathToFileURL(resolve("@hono/node-server")));
const { createMockServer } = await import(pathToFileURL(resolve("@scalar/mock-server")));

const specification = JSON.parse(readFileSync(document, "utf-8"));
serve({ ...(await createMockServer({ specification })), port: Number(port) });
