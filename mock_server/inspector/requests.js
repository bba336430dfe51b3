import { element, fill } from "./element.js";

export const view = { name: "requests", title: "Requests", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Requests"));
}
