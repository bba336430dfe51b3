// The command with which curl sends a request of the journal again, from any POSIX shell.

import { visible } from "./element.js";
import { isToken } from "./tokens.js";
import { bytes, utf8 } from "./wire.js";

// What curl sends by itself, and what `-u` stands for.
const LEFT_OUT = new Set([
  "host", "authorization", "proxy-authorization", "content-length", "transfer-encoding", "connection",
  "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect",
]);

// What curl would send of its own where the client did not.
const OWN = ["accept", "user-agent", "content-type"];

// What the server shows in place of credentials, in headers and in queries.
const REDACTED = /\[redacted\]$/;
const HIDDEN = /(?<==)\*\*\*(?=&|$)/;

const ENCODER = new TextEncoder();

// A shell takes no longer argument than this, and none with a NUL.
const LONGEST = 100_000;

// `entry` has the transcript too.
export function curl(entry, account) {
  const body = missing(entry) || !entry.requestBody?.size ? null : sentBody(entry);
  const target = entry.query ? `${entry.path}?${entry.query}` : entry.path;
  const words = ["curl", ...method(entry.method, body), ...options(entry.path, target)];
  words.push(...credentials(entry.headers, account));
  for (const header of headers(entry.headers, body)) words.push("-H", withToken(header, REDACTED, variable(header)));
  if (body) words.push("--data-raw", quoted(body));
  return [...words, withToken(location.origin + target, HIDDEN)].join(" ");
}

// A command that asks for a URL as an account, with the first credentials that the document takes.
export function example(account, url, [{ in: place, name, scheme, holds }]) {
  if (scheme === "Basic") return `curl -u ${user(account, holds === "token")} ${word(url)}`;
  if (place === "query") return `curl ${withToken(`${url}?${encodeURIComponent(name)}=***`, HIDDEN)}`;
  if (place === "cookie") return `curl -b ${withToken(`${name}=[redacted]`, REDACTED)} ${word(url)}`;
  const value = scheme ? `${scheme} [redacted]` : "[redacted]";
  return `curl -H ${withToken(`${name}: ${value}`, REDACTED)} ${word(url)}`;
}

function credentials({ authorization }, account) {
  if (authorization === undefined) return [];
  if (/^basic /i.test(authorization)) return ["-u", user(account, isToken(account))];
  return ["-H", withToken(`Authorization: ${authorization}`, REDACTED)];
}

function user(account, isOfToken) {
  return isOfToken ? '"$TOKEN:"' : word(`${account}:secret`);
}

// A word of a shell with a variable in each place of a token.
function withToken(text, hidden, name = "TOKEN") {
  return text.split(hidden).map((piece) => (piece ? quoted(bytes(piece)) : "")).join(`"$${name}"`) || "''";
}

// Of a header with cookies, nothing is shown.
function variable(header) {
  return header.startsWith("cookie:") ? "COOKIES" : "TOKEN";
}

// Why the command goes without the body of the request; undefined where nothing is missing.
export function missing(entry) {
  const body = sentBody(entry);
  if (body === null) return isAnnounced(entry) ? "the journal does not have it" : undefined;
  if (body.length > 0 && entry.method === "HEAD") return "curl sends none with HEAD";
  if (body.length > LONGEST) return "it is too long for a command";
  if (body.includes(0)) return "no command can have a zero byte";
  return undefined;
}

// Whether the headers of a request tell of a body.
export function isAnnounced({ headers }) {
  return Number(headers["content-length"]) > 0 || "transfer-encoding" in headers;
}

function sentBody({ requestBody: body }) {
  if (!body) return null;
  return body.text === null ? bytes(atob(body.base64)) : ENCODER.encode(body.text);
}

// A text as a word of a shell.
export function word(text) {
  return quoted(ENCODER.encode(text));
}

function method(name, body) {
  if (name === "HEAD") return ["--head"];
  return name === "GET" && !body ? [] : ["-X", quoted(bytes(name))];
}

// Brackets and braces are curl's patterns, and it tidies paths.
function options(path, target) {
  return [
    /[[\]{}]/.test(target) && "--globoff",
    /\/(\.|%2e){1,2}(\/|$)/i.test(path) && "--path-as-is",
  ].filter(Boolean);
}

// To curl, `name:` leaves a header out, and `name;` is one without a value.
function headers(sent, body) {
  const kept = Object.entries(sent).filter(([name]) => !LEFT_OUT.has(name));
  const absent = OWN.filter((name) => !(name in sent) && (body || name !== "content-type"));
  return [
    ...kept.map(([name, value]) => (value === "" ? `${name};` : `${name}: ${value}`)),
    ...absent.map((name) => `${name}:`),
  ];
}

// A word of a shell that is exactly these bytes. What can't be seen could deceive who pastes it, and what
// is not UTF-8 would not survive the clipboard: printf writes both.
function quoted(octets) {
  const text = utf8(octets);
  const characters = text === null ? Array.from(octets, (octet) => [octet]) : [...text].map(split);
  const words = [];
  for (const character of characters) {
    const isPlain = isVisible(character);
    if (words.at(-1)?.isPlain !== isPlain) words.push({ isPlain, octets: [] });
    words.at(-1).octets.push(...character);
  }
  return words.map(({ isPlain, octets: own }) => (isPlain ? plain(own) : printed(own))).join("") || "''";
}

function split(character) {
  return [...ENCODER.encode(character)];
}

function isVisible(octets) {
  const text = utf8(Uint8Array.from(octets));
  return text !== null && visible(text) === text;
}

function plain(octets) {
  return `'${utf8(Uint8Array.from(octets)).replaceAll("'", "'\\''")}'`;
}

function printed(octets) {
  return `"$(printf '${octets.map((octet) => `\\${octet.toString(8).padStart(3, "0")}`).join("")}')"`;
}
