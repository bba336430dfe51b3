// The view of data: an account's records in a table, one of them whole, and what replaces them.

import { element, fill } from "./element.js";
import { confirming, field, form } from "./field.js";
import { FixtureFile } from "./fixture_file.js";
import { live } from "./live.js";
import { counted, typed } from "./numbers.js";
import { RecordPanel } from "./record_panel.js";
import { RecordTable } from "./record_table.js";
import { Records, described } from "./records.js";

export const view = { name: "data", title: "Data", open };

function open(root, context) {
  const { api, signal } = context;
  let { filters } = context;
  let data;
  async function begin() {
    const [{ items }, document] = await Promise.all([api.get("collections"), api.get("document")]);
    if (signal.aborted) return;
    data = new Data(root, context, items, document);
    data.change(filters);
  }
  fill(root, element("p", { class: "empty" }, "Asking the server…"));
  begin().catch((error) => signal.aborted || fill(root, element("p", { class: "empty" }, error.message)));
  return (changed) => {
    filters = changed;
    data?.change(filters);
  };
}

class Data {
  // `collections` are {name, records, key}.
  constructor(root, context, collections, document) {
    Object.assign(this, { context, collections, document });
    this.table = new RecordTable(context);
    this.panel = new RecordPanel(context, (key) => this.remove(key));
    this.file = new FixtureFile(root, context, () => this.load());
    this.form = this.filterForm();
    fill(root,
      element("h2", { class: "hidden" }, "Data"),
      element("div", { class: "tools" },
        this.form, this.table.count, element("span", { class: "rest" }), this.table.pager),
      element("div", { class: "changes" }, this.file.node, this.generateForm(),
        confirming("Reset account", "Reset it to starting data, an empty journal, no faults, a running clock?", () => this.reset())),
      this.file.faults,
      this.split = element("div", { class: "split" }, this.table.node, this.panel.node));
    root.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.asked.record) this.panel.close();
    });
    live(() => this.look(), context);
  }

  // What the URL says.
  change(filters) {
    const get = (name) => filters.get(name) ?? "";
    const { name, key } = this.collections.find((each) => each.name === get("collection")) ?? this.collections[0];
    this.asked = {
      text: get("text"), field: get("sort"), isDescending: get("order") === "descending",
      page: Number.parseInt(get("page"), 10) || 1, record: get("record"),
    };
    for (const [field, value] of Object.entries({ collection: name, text: this.asked.text })) {
      const input = this.form.elements[field];
      if (input && input.value.trim() !== value) input.value = value;
    }
    if (this.name === name) {
      this.draw();
      if (this.records.seek(this.asked.text)) this.load();
      return;
    }
    this.name = name;
    this.records = new Records(this.context.api, name, described(this.document, name), key);
    this.draw();
    this.load();
  }

  filterForm() {
    const change = ({ currentTarget: { elements } }) => {
      const name = elements.collection?.value;
      const unsorted = name && name !== this.name && { sort: "", order: "" };
      const asked = { collection: name, text: elements.text.value.trim(), page: "", record: "", ...unsorted };
      this.context.go(asked, { replace: true });
    };
    const options = this.collections.map(({ name, records }) => element("option", { value: name }, named(name, records)));
    return element("form", { class: "tools", role: "search", onsubmit: (event) => event.preventDefault(), oninput: change },
      this.collections.length > 1 && element("label", {}, "Collection", element("select", { name: "collection" }, options)),
      element("label", {}, "Filter", element("input", {
        name: "text", type: "search", size: "22", autocomplete: "off", placeholder: "a text in any field",
      })));
  }

  generateForm() {
    const number = (name, value) => element("input", { name, value, inputmode: "numeric", size: "7", autocomplete: "off" });
    return form({ class: "fields" }, ({ elements: { count, seed } }) => this.generate(typed(count.value), typed(seed.value)),
      field("Count", number("count", "100"), "/count"),
      field("Seed", number("seed", "0"), "/seed"),
      element("button", {}, "Generate"));
  }

  // Draws the first part as soon as it is there, then all.
  async load() {
    const { records } = this;
    this.hasFailed = false;
    this.seen = this.changes();
    try {
      await records.load((isFirst) => {
        if (records !== this.records) return;
        if (isFirst || records.isWhole) this.draw();
        else this.table.say(records);
      });
      if (records === this.records && records.isWhole && records.seek(this.asked.text)) await this.load();
    } catch (error) {
      this.hasFailed = true;
      if (!this.context.signal.aborted) this.table.fail(error.message);
    }
  }

  // Whether somebody else has changed them; where the server can't be reached, the bar says so.
  async look() {
    this.panel.drawHistory();
    this.recount().catch(() => {});
    const isDue = this.hasFailed || this.seen !== this.changes() || await this.records?.areOthers().catch(() => false);
    if (isDue) await this.load();
  }

  // Which requests have changed the collection, as a text that is another one when there are more.
  changes() {
    const ids = [...this.context.journal.entries.values()].filter(({ change }) => change?.collection === this.name).map(({ id }) => id);
    return `${ids.length} ${ids.at(-1)}`;
  }

  async recount() {
    const { collection } = this.form.elements;
    if (!collection) return;
    const { items } = await this.context.api.get("collections");
    for (const { name, records } of items) {
      const option = [...collection.options].find(({ value }) => value === name);
      if (option && option.text !== named(name, records)) fill(option, named(name, records));
    }
  }

  draw() {
    this.split.classList.toggle("opened", this.asked.record !== "");
    this.table.draw(this.records, this.asked);
    this.panel.draw(this.records, this.asked.record);
  }

  async generate(count, seed) {
    const total = await this.records.generate(count, seed);
    this.context.say(`Generated: ${counted(total, "record")}.`);
    await this.load();
  }

  async remove(key) {
    const { go, say } = this.context;
    try {
      await this.records.remove(key);
      say("The record was removed.");
      go({ record: "" });
      this.table.node.focus();
    } catch (error) {
      say(error.message);
      await this.load();
    }
  }

  async reset() {
    const { api, say } = this.context;
    try {
      await api.send("POST", "reset");
      say("The account is as it was at the start.");
    } catch (error) {
      say(error.message);
    }
    await this.load();
  }
}

function named(name, records) {
  return `${name} (${records.toLocaleString("en")})`;
}
