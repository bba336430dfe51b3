// The exchange: a request and its response, whole, with each mistake beside what it is about.

import { curl, isAnnounced, missing } from "./curl.js";
import { element } from "./element.js";
import { indented } from "./json.js";
import { duration, mark, marks, status, time } from "./marks.js";
import { parameters, raw, target } from "./wire.js";

// Longer bodies are shown in part, until one asks for all.
const LONGEST = 50_000;

// `entry` has the transcript too, or not yet; `context` is that of the view.
export function renderExchange(entry, context) {
  const problems = new Problems(entry);
  const query = queryTable(entry, problems);
  const headers = headerTable(entry.headers, problems);
  return [
    element("p", { class: "line" },
      element("strong", {}, entry.method), " ", element("code", { class: "target" }, target(entry)), " ", status(entry)),
    element("p", { class: "tools" }, copyButton(entry, context), element("span", {}, marks(entry))),
    facts(entry, context),
    problems.rest(),
    section("Query", query ?? soft("None was sent.")),
    section("Request headers", headers),
    requestBody(entry),
    response(entry),
  ];
}

function section(title, ...children) {
  return element("section", {}, element("h3", {}, title), ...children);
}

function soft(text) {
  return element("p", { class: "soft" }, text);
}

function number(value) {
  return value.toLocaleString("en");
}

// The violations and warnings, which are given out by the names of what they are about.
class Problems {
  constructor({ violations, warnings }) {
    this.left = [
      ...violations.map((problem) => ({ ...problem, kind: "violation" })),
      ...warnings.map((problem) => ({ ...problem, kind: "warning" })),
    ];
  }

  // A list of those that have a key and are what is asked for, or null.
  of(isIt) {
    const own = this.left.filter((problem) => problem.key !== "" && isIt(problem));
    this.left = this.left.filter((problem) => !own.includes(problem));
    return own.length > 0 ? list(own.map((problem) => ({ ...problem, key: "" }))) : null;
  }

  rest() {
    return this.left.length > 0 ? list(this.left) : null;
  }
}

function list(problems) {
  return element("ul", { class: "problems" }, problems.map(({ kind, code, message, key }) =>
    element("li", {}, mark(kind, element("strong", {}, code)), " ", message, key && element("span", { class: "soft" }, ` (${key})`))));
}

function facts(entry, { link, account }) {
  const { step } = entry;
  const page = step?.page ? `, page ${step.page}` : "";
  return element("dl", { class: "facts" },
    fact("Id", entry.id),
    fact("Time", `${time(entry.time)} (${new Date(entry.time).toISOString().replace("T", " ").replace("Z", " UTC")})`),
    fact("Duration", entry.durationMs === null ? "still under way" : duration(entry.durationMs)),
    fact("Operation", entry.operation ?? "none"),
    fact("Account", account),
    entry.walk && fact("Walk", element("a", { href: link({ walk: entry.walk }, "walks") }, entry.walk), page),
    entry.fault && fact("Fault", faultLink(entry, link)));
}

function fact(name, ...value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}

// What a request asks of itself, with the header Prefer, is no fault in the list, and neither is chaos.
function faultLink({ fault, chaos }, link) {
  if (fault === "prefer") return "asked for by its Prefer header";
  if (chaos) return element("a", { href: link({}, "faults") }, `chaos: ${chaos.fault} for request ${chaos.n} of the account`);
  return element("a", { href: link({ fault }, "faults") }, fault);
}

function queryTable(entry, problems) {
  const sent = parameters(entry.query);
  if (sent.length === 0) return null;
  const parameterOf = ({ key, message }) => {
    const named = sent.filter(({ name }) => key === name || key === printable(name));
    return named.find(({ value }) => message.includes(`'${printable(value)}'`)) ?? named.at(-1);
  };
  return table(["Parameter", "Value", "As sent"], sent.map((parameter) => ({
    cells: [
      element("code", {}, parameter.name), element("code", {}, parameter.value),
      element("code", { class: "soft" }, parameter.raw),
    ],
    problems: problems.of((problem) => parameterOf(problem) === parameter),
  })));
}

// A text as the server shows it, which cuts what is long and replaces what can't be printed.
function printable(name) {
  const characters = [...name];
  const short = characters.length <= 60 ? characters : [...characters.slice(0, 60), "…"];
  return short.map((c) => (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(c) ? "\uFFFD" : c)).join("");
}

function headerTable(headers, problems) {
  const rows = Object.entries(headers).map(([name, value]) => ({
    cells: [element("code", {}, name), element("code", {}, raw(value))],
    problems: problems?.of(({ key }) => key.toLowerCase() === name),
  }));
  return table(["Header", "Value"], rows);
}

function table(heads, rows) {
  return element("table", { class: "pairs" },
    element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, rows.map(({ cells: [first, ...others], problems }) => [
      element("tr", { class: problems && "blamed" },
        element("th", { scope: "row" }, first), others.map((cell) => element("td", {}, cell))),
      problems && element("tr", { class: "blame" }, element("td", { colspan: heads.length }, problems)),
    ])));
}

function requestBody(entry) {
  const { requestBody: sent, durationMs } = entry;
  if (sent?.size > 0) return section("Request body", body(sent));
  if (sent || !isAnnounced(entry)) return null;
  return section("Request body", soft(durationMs === null ? "Not known yet." : "Not kept any more."));
}

function response(entry) {
  const { responseBody: got } = entry;
  if (got === null) return section("Response", soft(why(entry)));
  const cut = cutBody(entry);
  return [
    section("Response headers", headerTable(entry.responseHeaders)),
    section(`Response body, ${number(got.size)} bytes`,
      cut && element("p", { class: "odd" }, cut), got.size > 0 && body(got), got.size === 0 && !cut && soft("It is empty.")),
  ];
}

// Why there is no response to show.
function why({ durationMs, status: given }) {
  if (durationMs === null) return "There is none yet.";
  return given === null ? "The connection was reset before it began." : "Not kept any more.";
}

const WITHOUT_BODY = [204, 304];

// What is missing of a body of which its headers tell, in words, if anything.
function cutBody({ method, status: given, durationMs, responseHeaders, responseBody: { size } }) {
  const length = Number(responseHeaders["content-length"] ?? 0);
  if (durationMs === null || size >= length || method === "HEAD" || WITHOUT_BODY.includes(given)) return null;
  return size === 0 ? `Nothing of ${number(length)} bytes came.` : `Cut after ${number(size)} of ${number(length)} bytes.`;
}

function body({ text, base64 }) {
  const whole = text === null ? `In base64:\n${base64}` : indented(text);
  const shownText = element("pre", { tabindex: "0" }, whole.slice(0, LONGEST));
  if (whole.length <= LONGEST) return shownText;
  const all = element("button", { type: "button", onclick: () => {
    shownText.replaceWith(element("pre", { tabindex: "0" }, whole));
    all.remove();
  } }, `Show all ${number(whole.length)} characters`);
  return [shownText, all];
}

function copyButton(entry, { account, say }) {
  const lack = missing(entry);
  const warn = lack ? (text) => say(`${text} It lacks the body: ${lack}.`) : say;
  const button = element("button", {
    type: "button", onclick: () => copy(curl(entry, account), button, warn),
  }, "Copy as curl");
  return button;
}

// Browsers give pages the clipboard only on this machine or over TLS; else one copies by hand.
async function copy(command, button, say) {
  const variables = ["TOKEN", "COOKIES"].filter((name) => command.includes(`"$${name}`));
  const hint = variables.length > 0 ? ` Set ${variables.join(" and ")} before you run it.` : "";
  try {
    await navigator.clipboard.writeText(command);
    say(`The command is in the clipboard.${hint}`);
  } catch {
    const field = element("textarea", { readonly: true, rows: "4", "aria-label": "Command" });
    field.value = command;
    button.replaceWith(field);
    field.select();
    say(`The browser keeps its clipboard from this page; copy the command by hand.${hint}`);
  }
}
