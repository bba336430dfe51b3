// A body: its text, pretty-printed where it is JSON, with each mistake below the member that it is about.

import { element } from "./element.js";
import { lines } from "./json.js";
import { list, told } from "./problems.js";

// Longer bodies are shown in part, until one asks for all.
const LONGEST = 50_000;

// `problems` are those of the whole request: what is about a member of the body is taken from them.
export function renderBody({ text, base64 }, problems) {
  const found = text === null ? null : lines(text);
  if (found === null) return shortened(text ?? `In base64:\n${base64}`, []);
  const notes = problems ? placed(found, problems) : [];
  return shortened(found.map((line) => line.text).join("\n"), notes);
}

// The problems with the lines that they are about, in the order of the lines: {line, problems}.
function placed(found, problems) {
  const numbers = new Map();
  found.forEach(({ pointer }, number) => pointer === null || numbers.set(shown(pointer), number));
  const notes = new Map();
  for (const problem of problems.take(({ key }) => key.startsWith("/"))) {
    const leading = nearest(numbers, problem.key);
    const line = numbers.get(leading);
    const named = { ...problem, key: problem.key === leading ? "" : problem.key };
    notes.set(line, [...notes.get(line) ?? [], named]);
  }
  return [...notes].map(([line, own]) => ({ line, problems: own })).sort((one, other) => one.line - other.line);
}

// The pointer itself where a line has it, else that of the nearest value around it.
function nearest(numbers, key) {
  let leading = key;
  while (!numbers.has(leading)) leading = leading.slice(0, leading.lastIndexOf("/"));
  return leading;
}

// A pointer as the server shows it in the key of a problem.
function shown(pointer) {
  return pointer.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, "\uFFFD");
}

function shortened(whole, notes) {
  const part = whole.slice(0, LONGEST);
  const shownText = preformatted(part, notes);
  if (part.length === whole.length) return shownText;
  const last = part.split("\n").length - 1;
  const beyond = notes.filter(({ line }) => line > last).flatMap(({ problems }) => problems);
  const further = beyond.length > 0 && list(beyond);
  const all = element("button", { type: "button", onclick: () => {
    shownText.replaceWith(preformatted(whole, notes));
    if (further) further.remove();
    all.remove();
  } }, `Show all ${whole.length.toLocaleString("en")} characters`);
  return [shownText, further, all];
}

function preformatted(text, notes) {
  if (notes.length === 0) return element("pre", { tabindex: "0" }, text);
  const texts = text.split("\n");
  const children = [];
  let next = 0;
  for (const { line, problems } of notes.filter((note) => note.line < texts.length)) {
    if (line > next) children.push(texts.slice(next, line).join("\n"));
    children.push(element("span", { class: "blamed" }, texts[line]), problems.map((problem) => note(problem, texts[line])));
    next = line + 1;
  }
  return element("pre", { tabindex: "0" }, children, texts.slice(next).join("\n"));
}

// As deep as the line that it is below; both are blocks, so that no line feeds stand beside them.
function note(problem, line) {
  const depth = line.search(/\S|$/);
  return element("span", { class: "blame" }, element("span", { "aria-hidden": "true" }, " ".repeat(depth)), told(problem));
}
