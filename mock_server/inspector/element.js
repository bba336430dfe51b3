// Elements, made of tags, attributes and text; no text can become markup.

// What can't be seen, or would change how other text is read, e.g. U+202E.
const UNSEEN = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu;

// The text with an escape such as \u{202e} for each character that can't be seen.
export function visible(text) {
  return text.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

// An element. Of its attributes, functions listen to events (`onclick`), and false, null and undefined
// are left out. Children are elements, texts, or arrays of them; null and booleans are left out.
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svgElement(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, visible(String(value)));
  }
  made.append(...nodes(children));
  return made;
}

// Puts children in the place of those that a node has.
export function fill(node, ...children) {
  node.replaceChildren(...nodes(children));
}

function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child != null && typeof child !== "boolean")
    .map((child) => (child instanceof Node ? child : visible(String(child))));
}
