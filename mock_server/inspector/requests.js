// The view of requests: the journal as a table that grows at its end, and one exchange beside it.

import { element, fill } from "./element.js";
import { filterForm, show } from "./request_filter.js";
import { RequestList } from "./request_list.js";
import { RequestPanel } from "./request_panel.js";

export const view = { name: "requests", title: "Requests", open };

function open(root, context) {
  const list = new RequestList(context);
  const panel = new RequestPanel(context);
  const form = filterForm(context);
  const clear = element("button", { type: "button", onclick: () => clearAll(context) }, "Clear");
  fill(root,
    element("h2", { class: "hidden" }, "Requests"),
    element("div", { class: "tools" }, form, list.count, element("span", { class: "rest" }), clear),
    element("div", { class: "split" }, list.node, panel.node));

  let isDue = false;
  function draw() {
    isDue = false;
    if (context.signal.aborted) return;
    list.draw();
    panel.draw();
  }
  context.journal.subscribe(() => {
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  }, context.signal);

  function change(filters) {
    show(form, filters);
    list.filter(filters);
    list.choose(filters.get("request"));
    panel.show(filters.get("request"));
  }
  list.draw();
  change(context.filters);
  root.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && panel.id) panel.close();
  });
  return change;
}

async function clearAll({ api, say }) {
  try {
    await api.send("DELETE", "requests");
    say("The journal is empty.");
  } catch (error) {
    say(error.message);
  }
}
