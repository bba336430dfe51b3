import { element, fill } from "./element.js";

export const view = { name: "document", title: "Document", open };

function open(root, _context) {
  fill(root, element("h2", {}, "Document"));
}
