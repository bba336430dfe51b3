// Steps: what a fault does to one request, as a fieldset of a form for each, in their order.

import { parameters } from "./wire.js";
import { element } from "./element.js";
import { choice, field } from "./field.js";
import { parsed, typed } from "./numbers.js";

// What the control API knows, in words for people.
export const CUTS = {
  reset: "reset the connection",
  truncate: "end it in the middle of the body",
  stall: "stall before the body",
};
export const PAGES = {
  "repeat-cursor": "what leads on leads to the same page again",
  "empty-cursor": "what leads on is an empty text",
  "null-cursors": "what leads on and back is null",
  "empty-page": "no items, though there are more",
  "short-page": "half of the items",
  "duplicate-item": "one item twice",
  "wrong-total": "the total is one too many",
  "expired-cursor": "what leads on has expired",
  "missing-next": "nothing leads on, though there are more",
  "repeat-page": "the page before is sent again",
  "wrong-more": "it says the contrary of whether more follow",
  "wrong-pages": "the number of pages is wrong",
};

const KINDS = { pass: "let it pass", status: "answer a status", cut: "cut the connection", page: "send a hostile page" };
const WHEN = { "": "before the request is carried out", after: "after that, so that its change is made" };
const BODIES = { usual: "the usual error", text: "text", json: "JSON" };

export class Steps {
  constructor() {
    this.list = element("ol", { class: "steps" });
    const add = () => this.add({ status: 503 }).querySelector("select").focus();
    this.node = element("div", { "data-key": "/script" }, this.list,
      element("button", { type: "button", onclick: add }, "Add a step"));
  }

  // Makes the fields those of a script.
  write(script) {
    this.list.replaceChildren();
    script.forEach((step) => this.add(step));
  }

  add(step) {
    const made = item(step, (node, direction) => this.move(node, direction));
    this.list.append(made);
    this.number();
    return made;
  }

  // One place up (-1) or down (1), or away (0).
  move(node, direction) {
    const { previousElementSibling: before, nextElementSibling: after } = node;
    const button = document.activeElement;
    if (direction === -1) before?.before(node);
    else if (direction === 1) after?.after(node);
    else {
      (after ?? before)?.querySelector("select").focus();
      node.remove();
    }
    this.number();
    if (direction !== 0) (button.disabled ? node.querySelector("select") : button).focus();
  }

  number() {
    const items = [...this.list.children];
    items.forEach((node, number) => {
      const key = `/script/${number}`;
      const fieldset = node.querySelector("fieldset");
      fieldset.dataset.key = key;
      fieldset.querySelector("legend").textContent = `Step ${number + 1}`;
      for (const control of node.querySelectorAll("[name]")) {
        if (control.name !== "kind") control.dataset.key = `${key}/${control.name}`;
      }
      node.querySelector("[data-way='-1']").disabled = number === 0;
      node.querySelector("[data-way='1']").disabled = number === items.length - 1;
      node.querySelector("[data-way='0']").disabled = items.length === 1;
    });
  }

  // The script that the fields say; what can't be said is added to the mistakes.
  read(mistakes) {
    return [...this.list.children].map((node) => read(node.querySelector("fieldset"), mistakes));
  }
}

function item(step, move) {
  const fields = written(step);
  const fieldset = element("fieldset", { onchange: () => show(fieldset) },
    element("legend", {}),
    element("div", { class: "fields" },
      field("What happens", choice({ name: "kind" }, Object.entries(KINDS))),
      only("status", field("Status", element("input", { name: "status", inputmode: "numeric", size: "5" }))),
      only("cut", field("How", choice({ name: "cut" }, Object.entries(CUTS)))),
      only("page", field("Page", choice({ name: "page" }, Object.entries(PAGES)))),
      only("change", field("When", choice({ name: "after" }, Object.entries(WHEN)))),
      field("Delay, seconds", element("input", { name: "delay", inputmode: "decimal", size: "6", placeholder: "0" })),
      only("status", field("Body", choice({ name: "as" }, Object.entries(BODIES))))),
    only("status", field("Headers", area("headers", 2, "Retry-After: 1"))),
    only("body", field("Content of the body", area("body", 3))));
  for (const [name, value] of Object.entries(fields)) fieldset.querySelector(`[name=${name}]`).value = value;
  show(fieldset);
  const button = (direction, label, sign) => element("button", {
    type: "button", "data-way": direction, "aria-label": label, onclick: () => move(made, direction),
  }, sign);
  const made = element("li", {}, fieldset, element("div", { class: "tools" },
    button(-1, "Move up", "↑"), button(1, "Move down", "↓"), button(0, "Remove step", "✕")));
  return made;
}

function area(name, rows, placeholder) {
  return element("textarea", { name, rows, placeholder, spellcheck: "false" });
}

function only(what, node) {
  node.dataset.only = what;
  return node;
}

// Shows the fields that the kind of step has; no page changes anything.
function show(fieldset) {
  const { kind, as } = values(fieldset);
  const shown = { [kind]: true, body: kind === "status" && as !== "usual", change: kind !== "page" };
  for (const node of fieldset.querySelectorAll("[data-only]")) node.hidden = !shown[node.dataset.only];
}

function values(fieldset) {
  return Object.fromEntries([...fieldset.querySelectorAll("[name]")].map(({ name, value }) => [name, value]));
}

// What the fields of a step say, and back.

function written(step) {
  if (step === "pass") return { kind: "pass" };
  const kind = ["status", "cut", "page"].find((name) => name in step) ?? "pass";
  const headers = Object.entries(step.headers ?? {}).map((header) => header.join(": ")).join("\n");
  const after = step.after ? "after" : "";
  return { kind, ...(kind !== "pass" && { [kind]: step[kind] }), headers, after, delay: step.delay ?? "" };
}

function read(fieldset, mistakes) {
  const { kind, delay, ...inputs } = values(fieldset);
  const step = delay.trim() === "" ? {} : { delay: typed(delay) };
  if (inputs.after && kind !== "page") step.after = true;
  if (kind === "pass") return "delay" in step ? step : "pass";
  if (kind !== "status") return { [kind]: inputs[kind], ...step };
  step.status = typed(inputs.status);
  const say = (name) => (message) => mistakes.push({ key: `${fieldset.dataset.key}/${name}`, message });
  if (inputs.headers.trim() !== "") step.headers = headers(inputs.headers, say("headers"));
  if (inputs.as === "text") step.body = inputs.body;
  if (inputs.as === "json") step.body = json(inputs.body, say("body"));
  return step;
}

function headers(text, say) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => line.split(/:(.*)/s, 2).map((part) => part.trim()));
  const names = pairs.map(([name]) => name);
  if (pairs.some(({ length }) => length < 2)) say("Write a header on each line, as Name: value.");
  else if (new Set(names).size < names.length) say("A header is there twice; write each once.");
  return Object.fromEntries(pairs);
}

function json(text, say) {
  try {
    return parsed(text);
  } catch (error) {
    say(`It is not JSON (${error.message}); correct it, or send it as text.`);
    return null;
  }
}

// The parameters that a typed query such as `a=1&b=2` names: a text each, a list for a repeated one.
export function query(text) {
  const octets = text.trim().replace(/^\?/, "").replace(/[^\x00-\x7f]/gu, encodeURIComponent);
  const found = new Map();
  for (const { name, value } of parameters(octets)) found.set(name, [...found.get(name) ?? [], value]);
  return Object.fromEntries([...found].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
}

// A step in a few words.
export function describeStep(step) {
  if (typeof step === "string") return step;
  const { status, cut, page, delay, headers: sent, body, after } = step;
  const words = [status ?? cut ?? page, ...Object.entries(sent ?? {}).map((header) => header.join(": "))];
  if (body !== undefined) words.push(`body ${JSON.stringify(body)}`);
  if (after) words.push("after the change");
  if (delay !== undefined) words.push(`after ${delay} s`);
  return words.filter((word) => word !== undefined).join(", ");
}
