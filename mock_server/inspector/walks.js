import { element, fill } from "./element.js";

export const view = { name: "walks", title: "Walks", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Walks"));
}
