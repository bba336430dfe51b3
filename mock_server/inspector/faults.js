// The view of faults: forms that script one and set chaos, and the list of those that the account has.

import { Chaos } from "./chaos.js";
import { element, fill } from "./element.js";
import { Mistaken, confirming, field, form } from "./field.js";
import { live, refill } from "./live.js";
import { typed } from "./numbers.js";
import { revealing } from "./reveal.js";
import { Steps, query, describeStep } from "./steps.js";

export const view = { name: "faults", title: "Faults", open };

const PRESETS = {
  "Fail twice, then work": [{ status: 503 }, { status: 503 }, "pass"],
  "429 with back-off": [{ status: 429, headers: { "Retry-After": "1" } }, "pass"],
  "A page that repeats": [{ page: "repeat-page" }],
  "A reset connection": [{ cut: "reset" }],
};

// A script may have a thousand steps, and a step a body of megabytes.
const STEPS = 20;
const LONGEST = 160;

function open(root, context) {
  const list = new List(context);
  const chaos = new Chaos(context);
  live(() => Promise.all([list.load(), chaos.load()]), context);
  fill(root, element("h2", { class: "hidden" }, "Faults"),
    element("div", { class: "columns" },
      element("section", { "aria-labelledby": "script-heading" },
        element("h3", { id: "script-heading" }, "Script a fault"), scriptForm(context, () => list.load()),
        element("h3", {}, "Chaos"), chaos.node),
      element("section", { "aria-labelledby": "faults-heading" },
        element("div", { class: "tools" }, element("h3", { id: "faults-heading" }, "Faults of the account"),
          element("span", { class: "rest" }), list.removeAll),
        list.node)));
  return (filters) => list.choose(filters.get("fault"));
}

// The form

function scriptForm({ api, say }, added) {
  const steps = new Steps();
  steps.write([{ status: 503 }]);
  const operation = element("select", { name: "operation" }, element("option", { value: "" }, "any"));
  api.get("coverage").then(({ operations }) => {
    operation.append(...operations.map((each) => element("option", {}, each.operation)));
  }).catch(() => {});
  const repeat = element("input", { name: "repeat", inputmode: "numeric", size: "7", value: "1" });
  const forever = element("input", {
    type: "checkbox", name: "forever", id: "forever", onchange: () => { repeat.disabled = forever.checked; },
  });
  const add = element("button", { class: "main" }, "Add fault");
  const preset = ([name, script]) => element("button", { type: "button", onclick: () => {
    steps.write(script);
    say(`${name}: filled in. Add it now, or change it first.`);
    add.focus();
  } }, name);

  return form({ class: "script" }, async ({ elements }) => {
    const { id } = await api.send("POST", "faults", read(elements, steps));
    say(`${id} was added.`);
    await added();
  },
    element("div", { class: "tools", role: "group", "aria-label": "Presets" },
      element("span", { class: "soft" }, "Presets"), Object.entries(PRESETS).map(preset)),
    element("div", { class: "fields" },
      field("Operation", operation, "/operation"),
      field("Page of the walk",
        element("input", { name: "walkPage", inputmode: "numeric", size: "5", placeholder: "any" }), "/when/page"),
      field("Query has",
        element("input", { name: "query", size: "24", placeholder: "any, or name=value&…", spellcheck: "false" }),
        "/when/query")),
    steps.node,
    element("div", { class: "fields" },
      field("Runs of the script", repeat, "/repeat"),
      element("div", { class: "field check" }, forever, element("label", { for: "forever" }, "for ever"))),
    element("p", {}, add));
}

// The page of a step is a field of the form too.
function read({ operation, walkPage: page, query: sent, repeat, forever }, steps) {
  const mistakes = [];
  const when = {
    ...(page.value.trim() !== "" && { page: typed(page.value) }),
    ...(sent.value.trim() !== "" && { query: query(sent.value) }),
  };
  const asked = {
    ...(operation.value !== "" && { operation: operation.value }),
    ...(Object.keys(when).length > 0 && { when }),
    script: steps.read(mistakes),
    repeat: forever.checked ? "forever" : typed(repeat.value),
  };
  if (mistakes.length > 0) throw new Mistaken(mistakes);
  return asked;
}

// The list

class List {
  constructor(context) {
    this.context = context;
    this.reveal = revealing();
    this.chosen = context.filters.get("fault");
    this.node = element("div", { class: "records", tabindex: "0", role: "region", "aria-labelledby": "faults-heading" });
    this.removeAll = element("span", { hidden: true }, confirming("Remove all", "Remove all faults?",
      () => this.remove("faults", "All faults were removed.")));
  }

  async load() {
    try {
      const { items } = await this.context.api.get("faults");
      const drawn = JSON.stringify(items);
      if (drawn === this.drawn) return;
      this.drawn = drawn;
      this.items = items;
      this.draw();
    } catch (error) {
      if (!this.context.signal.aborted) fill(this.node, element("p", { class: "empty" }, error.message));
      this.drawn = undefined;
    }
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  draw() {
    if (!this.items) return;
    this.removeAll.hidden = this.items.length === 0;
    if (this.items.length === 0) {
      return fill(this.node, element("p", { class: "empty" }, "No scripted faults."));
    }
    const head = (name, style) => element("th", { scope: "col", class: style }, name);
    refill(this.node, element("table", {},
      element("thead", {}, element("tr", {}, ["Fault", "For", "Script", "Runs"].map((name) => head(name)),
        ["Fired", "Remaining"].map((name) => head(name, "number")), head(element("span", { class: "hidden" }, "Remove")))),
      element("tbody", {}, this.items.map((fault) => this.row(fault)))));
    this.reveal(this.chosen, this.node.querySelector(".chosen"));
  }

  row(fault) {
    const { id, script, repeat, fired, remaining, spent } = fault;
    const classes = [spent && "spent", id === this.chosen && "chosen"].filter(Boolean).join(" ");
    return element("tr", { class: classes, "aria-current": id === this.chosen && "true" },
      element("th", { scope: "row" }, id),
      element("td", {}, met(fault)),
      element("td", {}, scriptOf(script, fired, spent)),
      element("td", {}, often(repeat)),
      element("td", { class: "number" }, fired),
      element("td", { class: "number" }, spent ? element("span", { class: "badge" }, "spent") : often(remaining)),
      element("td", {}, element("button", {
        type: "button", class: "danger", id: `remove-${id}`, "aria-label": `Remove ${id}`,
        onclick: () => this.remove(`faults/${encodeURIComponent(id)}`, `${id} was removed.`),
      }, "Remove")));
  }

  async remove(path, message) {
    try {
      await this.context.api.send("DELETE", path);
      this.context.say(message);
    } catch (error) {
      this.context.say(error.message);
    }
    this.node.focus();
    await this.load();
  }
}

function often(count) {
  return count === "forever" ? "for ever" : String(count);
}

function met({ operation, when = {} }) {
  const words = [operation ?? "any operation"];
  if (when.page !== undefined) words.push(`page ${when.page}`);
  if (when.query !== undefined) words.push(`query ${JSON.stringify(when.query)}`);
  if (when.body !== undefined) words.push(`body ${JSON.stringify(when.body)}`);
  return short(words.join(", "));
}

// The steps in their order; the one that is next is marked.
function scriptOf(script, fired, spent) {
  const next = spent ? -1 : fired % script.length;
  const more = script.length - STEPS;
  return element("ol", { class: "told-steps" },
    script.slice(0, STEPS).map((step, number) =>
      element("li", { "aria-current": number === next && "step" }, short(describeStep(step)))),
    more > 0 && element("li", { class: "soft" }, `and ${more} more`));
}

function short(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
