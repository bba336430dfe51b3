// The command with which curl sends a request of the journal again, from any POSIX shell.

import { visible } from "./element.js";
import { bytes, utf8 } from "./wire.js";

// What curl sends by itself, and what `-u` stands for.
const LEFT_OUT = new Set([
  "host", "authorization", "proxy-authorization", "content-length", "transfer-encoding", "connection",
  "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect",
]);

// What curl would send of its own where the client did not.
const OWN = ["accept", "user-agent", "content-type"];

const ENCODER = new TextEncoder();

// `body` is the bytes of the request's body, or null.
export function curl(entry, account, body) {
  const target = entry.query ? `${entry.path}?${entry.query}` : entry.path;
  const words = ["curl", ...method(entry.method, body), ...options(entry.path, target)];
  if ("authorization" in entry.headers) words.push("-u", quoted(ENCODER.encode(`${account}:secret`)));
  for (const header of headers(entry.headers, body)) words.push("-H", quoted(bytes(header)));
  if (body) words.push("--data-binary", quoted(body));
  return [...words, quoted(bytes(location.origin + target))].join(" ");
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
