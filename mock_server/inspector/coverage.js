import { element, fill } from "./element.js";

export const view = { name: "coverage", title: "Coverage", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Coverage"));
}
