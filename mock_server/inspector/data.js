import { element, fill } from "./element.js";

export const view = { name: "data", title: "Data", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Data"));
}
