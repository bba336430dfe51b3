import { element, fill } from "./element.js";

export const view = { name: "clock", title: "Clock", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Clock"));
}
