// The view of data: an account's records in a table, one of them whole, and what replaces them.

import { element, fill } from "./element.js";
import { confirming, field, form } from "./field.js";
import { live, refill } from "./live.js";
import { shown, typed } from "./numbers.js";
import { MOST, Records, described } from "./records.js";

export const view = { name: "data", title: "Data", open };

const ROWS = 200;
const COLUMNS = 40;
const LONGEST = 200;
const PROBLEMS = 200;

async function open_(root, context) {
  const [{ records }, document] = await Promise.all([context.api.get("health"), context.api.get("document")]);
  const names = Object.keys(records);
  return new Data(root, context, names, described(document));
}

function open(root, context) {
  let filters = context.filters;
  let data;
  fill(root, element("p", { class: "empty" }, "Asking the server…"));
  open_(root, context).then((opened) => {
    data = opened;
    data.change(filters);
  }).catch((error) => {
    if (!context.signal.aborted) fill(root, element("p", { class: "empty" }, error.message));
  });
  return (changed) => {
    filters = changed;
    data?.change(filters);
  };
}

class Data {
  constructor(root, context, names, schemas) {
    this.context = context;
    this.names = names;
    this.schemas = schemas;
    this.table = element("div", { class: "records", tabindex: "0", role: "region", "aria-label": "Records" });
    this.count = element("p", { class: "soft count", role: "status" });
    this.pager = element("div", { class: "tools pager" });
    this.panel = element("aside", { class: "panel", hidden: true, "aria-label": "Record" });
    this.faults = element("div", { class: "file-faults" });
    this.filterForm = this.drawFilters();
    fill(root,
      element("h2", { class: "hidden" }, "Data"),
      element("div", { class: "tools" }, this.filterForm, this.count, element("span", { class: "rest" }), this.pager),
      this.drawChanges(),
      this.faults,
      this.split = element("div", { class: "split" }, this.table, this.panel));
    root.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && !this.panel.hidden) this.close();
    });
    dropping(root, (file) => this.loadFile(file));
    live(() => this.look(), context);
  }

  // What the URL says

  change(filters) {
    const get = (name) => filters.get(name) ?? "";
    const name = this.names.includes(get("collection")) ? get("collection") : this.names[0];
    this.asked = {
      text: get("text"), field: get("sort"), isDescending: get("order") === "descending",
      page: Math.max(1, Number.parseInt(get("page"), 10) || 1), record: filters.get("record"),
    };
    for (const [field, value] of Object.entries({ collection: name, text: this.asked.text })) {
      const input = this.filterForm.elements[field];
      if (input && input.value.trim() !== value) input.value = value;
    }
    if (this.name === name) return this.draw();
    this.name = name;
    this.records = new Records(this.context.api, name, this.schemas[name] ?? { fields: [] });
    this.load();
  }

  drawFilters() {
    const { go } = this.context;
    const collection = element("select", { name: "collection" }, this.names.map((name) => element("option", {}, name)));
    return element("form", {
      class: "tools", role: "search",
      onsubmit: (event) => event.preventDefault(),
      oninput: ({ currentTarget: { elements } }) => {
        const isOther = elements.collection && elements.collection.value !== this.name;
        const kept = isOther ? { sort: "", order: "" } : {};
        go({ ...kept, collection: elements.collection?.value, text: elements.text.value.trim(), page: "", record: "" },
          { replace: true });
      },
    },
      this.names.length > 1 && element("label", {}, "Collection", collection),
      element("label", {}, "Filter", element("input", { name: "text", type: "search", size: "22", autocomplete: "off" })));
  }

  // What the server has

  async load() {
    const { records } = this;
    try {
      await records.load(() => {
        // Between the first part and the last, only their number is told.
        if (records !== this.records) return;
        if (records.isWhole || records.items.length <= ROWS || !this.isDrawn) this.draw();
        else this.say();
      });
      if (records === this.records) this.draw();
    } catch (error) {
      if (!this.context.signal.aborted) fill(this.table, element("p", { class: "empty" }, error.message));
    }
  }

  async look() {
    try {
      if (await this.records?.areOthers()) await this.load();
    } catch (error) {
      if (!this.context.signal.aborted) fill(this.count, error.message);
    }
  }

  // The table

  draw() {
    const { records, asked } = this;
    this.isDrawn = true;
    this.found = records.chosen(asked);
    this.pages = Math.max(1, Math.ceil(this.found.length / ROWS));
    this.page = Math.min(asked.page, this.pages);
    this.say();
    this.drawPager();
    const rows = this.found.slice((this.page - 1) * ROWS, this.page * ROWS);
    const columns = records.columns;
    if (rows.length === 0) fill(this.table, element("p", { class: "empty" }, this.why()));
    else {
      refill(this.table, element("table", {},
        element("thead", {}, element("tr", {}, columns.slice(0, COLUMNS).map((name, number) => this.head(name, number)))),
        element("tbody", {}, rows.map((record) => this.row(record, columns.slice(0, COLUMNS))))),
      columns.length > COLUMNS && element("p", { class: "soft" },
        `The first ${COLUMNS} of ${columns.length} fields; a record shows them all.`));
    }
    this.drawPanel();
  }

  why() {
    if (this.records.items.length > 0) return "No record holds the text.";
    return this.records.isWhole && this.records.total === 0 && this.records.sign
      ? "There are no records. Load a fixture file, or generate some." : "Asking the server…";
  }

  say() {
    const { items, total, isWhole } = this.records;
    const number = (value) => value.toLocaleString("en");
    const found = this.found.length < items.length ? `${number(this.found.length)} of ` : "";
    const there = items.length === total ? `${number(total)} records`
      : isWhole ? `the first ${number(MOST)} of ${number(total)} records`
        : `${number(items.length)} of ${number(total)} records so far…`;
    const text = found + there;
    if (this.count.textContent !== text) fill(this.count, text);
  }

  drawPager() {
    const { go } = this.context;
    const turn = (id, label, page) => element("button", {
      type: "button", id, "aria-label": label, disabled: page < 1 || page > this.pages,
      onclick: () => {
        go({ page: page === 1 ? "" : page });
        this.table.scrollTop = 0;
      },
    }, label === "Previous page" ? "‹" : "›");
    this.pager.hidden = this.pages === 1;
    const first = (this.page - 1) * ROWS + 1;
    const last = Math.min(this.page * ROWS, this.found.length);
    refill(this.pager,
      turn("previous-page", "Previous page", this.page - 1),
      element("span", { class: "soft" }, `${first.toLocaleString("en")}–${last.toLocaleString("en")}`),
      turn("next-page", "Next page", this.page + 1));
  }

  // By its name, a text goes up, then down, then as the server has it.
  head(name, number) {
    const { field, isDescending } = this.asked;
    const sorted = field !== name ? "none" : isDescending ? "descending" : "ascending";
    const next = {
      none: { sort: name, order: "" }, ascending: { sort: name, order: "descending" }, descending: { sort: "", order: "" },
    }[sorted];
    return element("th", { scope: "col", "aria-sort": sorted !== "none" && sorted },
      element("button", {
        type: "button", id: `sort-${number}`, onclick: () => this.context.go({ ...next, page: "" }, { replace: true }),
      }, name, element("span", { "aria-hidden": "true" }, { none: "", ascending: " ▲", descending: " ▼" }[sorted])));
  }

  row(record, columns) {
    const key = this.records.key(record);
    const isChosen = key === this.asked.record;
    return element("tr", { class: isChosen && "chosen" }, columns.map((name, number) => {
      const value = record[name];
      const text = value === undefined ? "" : shown(value);
      const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
      const kind = typeof value === "string" ? "text" : typeof value === "number" ? "number" : "soft";
      if (number > 0) return element("td", { class: kind }, element("span", { dir: "auto" }, short));
      return element("th", { scope: "row" }, element("a", {
        id: `record-${key}`, href: this.context.link({ record: key }), "aria-current": isChosen && "true",
        onclick: (event) => {
          event.preventDefault();
          this.context.go({ record: key }, { replace: Boolean(this.asked.record) });
          this.panel.querySelector("h2")?.focus();
        },
      }, short || "–"));
    }));
  }

  // The panel

  drawPanel() {
    const key = this.asked.record;
    const record = key === null ? undefined : this.records.find(key);
    const text = record && JSON.stringify(record, null, 2);
    this.panel.hidden = key === null;
    this.split.classList.toggle("opened", key !== null);
    if (key === null || (this.panel.dataset.key === key && this.panel.dataset.text === text)) return;
    fill(this.panel,
      element("div", { class: "tools head" },
        element("h2", { tabindex: "-1" }, "Record"),
        element("span", { class: "rest" }),
        record && this.records.idField && confirming("Remove", "Remove this record?", () => this.remove(key)),
        element("button", { type: "button", "aria-label": "Close", onclick: () => this.close() }, "✕")),
      element("div", { class: "body" }, record
        ? element("pre", { tabindex: "0", "aria-label": "The record in JSON" }, text)
        : element("p", { class: "empty" }, this.records.isWhole ? "There is no such record, or not any more." : "Asking the server…")));
    Object.assign(this.panel.dataset, { key, text });
  }

  close() {
    const { record } = this.asked;
    this.context.go({ record: "" });
    document.getElementById(`record-${record}`)?.focus();
  }

  // What changes them

  drawChanges() {
    const file = element("input", { type: "file", accept: ".json,.yaml,.yml", onchange: () => {
      if (file.files.length > 0) this.loadFile(file.files[0]);
      file.value = "";
    } });
    return element("div", { class: "changes" },
      element("div", { class: "load" }, field("Load a fixture file: choose one, or drop it on this page", file)),
      form({ class: "tools" }, (sent) => this.generate(sent.elements),
        field("Generate", element("input", { name: "count", inputmode: "numeric", size: "7", value: "100" }), "/count"),
        field("Seed", element("input", { name: "seed", inputmode: "numeric", size: "7", value: "0" }), "/seed"),
        element("button", {}, "Generate")),
      confirming("Reset account", "Starting data, an empty journal, no faults, a running clock?", () => this.reset()));
  }

  async generate({ count, seed }) {
    const body = { count: typed(count.value), seed: typed(seed.value) };
    const { total } = await this.context.api.send("POST", `${this.records.path}/generate`, body);
    this.context.say(`${total.toLocaleString("en")} records were generated.`);
    await this.load();
  }

  async loadFile(file) {
    const type = /\.json$/i.test(file.name) ? "application/json" : "application/yaml";
    fill(this.faults);
    try {
      const answer = await this.context.api.fetch("collections", {
        method: "PUT", body: file, headers: { "Content-Type": type },
      });
      const { records } = await answer.json();
      const loaded = Object.entries(records).map(([name, number]) => `${number.toLocaleString("en")} records of ${name}`);
      this.context.say(`${file.name}: loaded ${loaded.join(", ")}.`);
      await this.load();
    } catch (error) {
      if (!this.context.signal.aborted) this.drawFaults(file.name, error);
    }
  }

  drawFaults(name, { violations = [], message }) {
    const close = element("button", { type: "button", "aria-label": "Dismiss", onclick: () => fill(this.faults) }, "✕");
    const heading = violations.length === 0 ? message
      : `${violations.length.toLocaleString("en")} ${violations.length === 1 ? "fault" : "faults"}; nothing was loaded.`;
    const more = violations.length - PROBLEMS;
    fill(this.faults, element("div", { class: "refused", role: "alert" },
      element("div", { class: "tools" }, element("strong", {}, name, ": "), element("span", {}, heading), element("span", { class: "rest" }), close),
      violations.length > 0 && element("ul", { tabindex: "0", "aria-label": "Faults of the file" },
        violations.slice(0, PROBLEMS).map(({ key, message: said }) => element("li", {}, element("code", {}, key || "the file"), " ", said)),
        more > 0 && element("li", { class: "soft" }, `And ${more.toLocaleString("en")} more.`))));
  }

  async remove(key) {
    await this.done(() => this.records.remove(key), "The record was removed.");
    if (!this.records.find(key)) this.context.go({ record: "" });
  }

  async reset() {
    await this.done(() => this.context.api.send("POST", "reset"), "The account is as it was at the start.");
  }

  async done(act, said) {
    try {
      await act();
      this.context.say(said);
    } catch (error) {
      this.context.say(error.message);
    }
    await this.load();
  }
}

// Takes a file that is dropped anywhere on a node.
function dropping(node, take) {
  const over = (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    node.classList.add("dropping");
  };
  node.addEventListener("dragenter", over);
  node.addEventListener("dragover", over);
  node.addEventListener("dragleave", (event) => {
    if (!node.contains(event.relatedTarget)) node.classList.remove("dropping");
  });
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    node.classList.remove("dropping");
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}
