// The exchange: a request and its response, whole, with each mistake beside what it is about.

import { renderBody } from "./body.js";
import { curl, isAnnounced, missing } from "./curl.js";
import { element } from "./element.js";
import { duration, marks, status, time } from "./marks.js";
import { Problems } from "./problems.js";
import { parameters, raw, target } from "./wire.js";

// `entry` has the transcript too, or not yet; `context` is that of the view.
export function renderExchange(entry, context) {
  const problems = new Problems(entry);
  const query = queryTable(entry, problems);
  const headers = headerTable(entry.headers, problems);
  const sent = requestBody(entry, problems);
  return [
    element("p", { class: "line" },
      element("strong", {}, entry.method), " ", element("code", { class: "target" }, target(entry)), " ", status(entry)),
    element("p", { class: "tools" }, copyButton(entry, context), element("span", {}, marks(entry))),
    facts(entry, context),
    problems.rest(),
    section("Query", query ?? soft("None was sent.")),
    section("Request headers", headers),
    sent,
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
    entry.fault && fact("Fault", faultLink(entry, link), entry.after && afterwards(entry)),
    entry.change && fact("Change", changeLink(entry.change, link)),
    entry.idempotent && fact("Repeats", element("a", { href: link({ request: entry.idempotent }, "requests") },
      `request ${entry.idempotent}`), ", whose answer it got; it changed nothing"));
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

function afterwards({ change }) {
  return change ? ", after the change was made" : ", after it was carried out";
}

function changeLink({ kind, collection, id }, link) {
  const name = id === null ? collection : `${collection} ${id}`;
  return [`${kind} `, element("a", { href: link({ collection, record: id }, "data") }, name)];
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

function requestBody(entry, problems) {
  const { requestBody: sent, durationMs } = entry;
  if (sent?.size > 0) return section("Request body", renderBody(sent, problems));
  if (sent || !isAnnounced(entry)) return null;
  return section("Request body", soft(durationMs === null ? "Not known yet." : "Not kept any more."));
}

function response(entry) {
  const { responseBody: got } = entry;
  if (got === null || entry.status === null) return section("Response", soft(why(entry)));
  const cut = cutBody(entry);
  return [
    section("Response headers", headerTable(entry.responseHeaders)),
    section(`Response body, ${number(got.size)} bytes`,
      cut && element("p", { class: "odd" }, cut), got.size > 0 && renderBody(got), got.size === 0 && !cut && soft("It is empty.")),
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
