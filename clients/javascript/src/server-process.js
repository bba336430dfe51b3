// A server that a run starts by MOCK_SERVER_COMMAND, and stops.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";

import { Refused } from "./errors.js";

// Seconds. A command such as uvx may have to download a server first.
const READY_SECONDS = 120;

// What a server prints when it is ready; see mock_server/banner.py.
const READY = /(https?:\/\/\S+)\/_mock\/ in a browser/;

const KEEPER = fileURLToPath(new URL("keeper.js", import.meta.url));

// How much of what the server prints a message shows, in characters.
const SHOWN = 2000;

// White space, or a piece of a word: in quotation marks, after a backslash, or plain. See
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
const PIECE = /\s+|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)/gsy;

/** A running server. */
export class ServerProcess {
  #child;

  /**
   * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
   * @param {string} url
   */
  constructor(child, url) {
    this.#child = child;
    this.url = url;
  }

  /**
   * Starts `COMMAND serve --quiet` on a free port of this machine and returns the server when it is ready.
   *
   * `command` is words as a POSIX shell takes them, e.g. `uvx --from 'openapi-sandbox[server]' mock-server`.
   * Throws Refused with what the command has printed where no server comes of it.
   *
   * @param {string} command
   */
  static async start(command) {
    const words = splitWords(command);
    if (words.length === 0) throw new Refused("MOCK_SERVER_COMMAND is empty; set it to e.g. mock-server");
    const flags = ["serve", "--quiet", "--host", "127.0.0.1", "--port", "0"];
    // In a group of its own, so that Ctrl-C leaves it until the verdict.
    const child = spawn(process.execPath, [KEEPER, ...words, ...flags], {
      detached: process.platform !== "win32",
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new ServerProcess(child, await readyUrl(child, command));
  }

  /** Stops the server. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin.end();
    await ended;
  }
}

/**
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 * @param {string} command
 * @returns {Promise<string>}
 */
function readyUrl(child, command) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const fail = (/** @type {string} */ what) => {
      clearTimeout(timer);
      child.stdin.destroy();
      const shown = printed.trim().slice(-SHOWN);
      reject(new Refused(`MOCK_SERVER_COMMAND (${command}) ${what}${shown && `; it printed:\n${shown}`}`));
    };
    const timer = setTimeout(() => fail(`had started no server after ${READY_SECONDS} seconds`), READY_SECONDS * 1000);
    const read = (/** @type {Buffer} */ piece) => {
      printed = (printed + piece).slice(-10 * SHOWN);
      const url = READY.exec(printed)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    // What it prints later is read too, since a pipe that nobody reads would stop it.
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", (error) => fail(`can't be run: ${error.message}`));
    child.on("close", (code, signal) => fail(`ended with ${signal ?? `exit status ${code}`}`));
  });
}

/**
 * Returns the words of a command, of which quotation marks and backslashes hold some together.
 *
 * @param {string} command
 */
export function splitWords(command) {
  /** @type {string[]} */
  const words = [];
  let isOpen = false;
  let end = 0;
  for (const [piece, single, double, escaped, plain] of command.matchAll(PIECE)) {
    end += piece.length;
    const text = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (text !== undefined && isOpen) words.push(words.pop() + text);
    else if (text !== undefined) words.push(text);
    isOpen = text !== undefined;
  }
  if (end === command.length) return words;
  throw new Refused(`MOCK_SERVER_COMMAND has a quotation mark or a backslash without its partner: ${command}`);
}
