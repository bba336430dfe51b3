import { element, fill } from "./element.js";

export const view = { name: "faults", title: "Faults", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Faults"));
}
