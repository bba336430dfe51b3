#!/usr/bin/env node
import { main } from "../src/command.js";

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`openapi-sandbox: ${error.message}`);
  process.exitCode = 1;
}
