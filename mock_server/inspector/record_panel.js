// The panel of one record: its JSON, what has changed it, and the way to remove it.

import { element, fill } from "./element.js";
import { confirming } from "./field.js";
import { refill } from "./live.js";
import { status, time } from "./marks.js";
import { raw } from "./wire.js";

export class RecordPanel {
  // `remove` is called with the record's key.
  constructor(context, remove) {
    this.context = context;
    this.remove = remove;
    this.history = element("section", { class: "history" });
    this.node = element("aside", { class: "panel", hidden: true, "aria-label": "Record" });
  }

  // Draws it where it is another than before; the scroll position and the focus stay else.
  draw(records, key) {
    const record = key === "" ? undefined : records.find(key);
    const text = record ? JSON.stringify(record, null, 2)
      : records.isWhole ? "There is no such record here, or not any more." : "Asking the server…";
    const isOther = this.key !== key;
    if (!isOther && this.text === text) return;
    this.records = records;
    const takesFocus = isOther || this.node.contains(document.activeElement);
    Object.assign(this, { key, text });
    this.node.hidden = key === "";
    if (key === "") return fill(this.node);
    const title = element("h2", { tabindex: "-1" }, "Record");
    fill(this.node,
      element("div", { class: "tools head" },
        title,
        element("span", { class: "rest" }),
        record && records.idField && confirming("Remove", "Remove this record?", () => this.remove(key)),
        element("button", { type: "button", "aria-label": "Close", onclick: () => this.close() }, "✕")),
      element("div", { class: "body" }, record
        ? element("pre", { tabindex: "0", "aria-label": "The record in JSON" }, text)
        : element("p", { class: "empty" }, text), this.history));
    this.drawHistory();
    if (takesFocus) title.focus();
  }

  // The requests that have changed the record, as far as the journal has them, newest first.
  drawHistory() {
    const { key, records, context } = this;
    if (!key || !records) return;
    const isOwn = ({ change }) => change?.collection === records.name && change.id === (records.idField && key);
    const entries = [...context.journal.entries.values()].filter(isOwn).reverse();
    const drawn = entries.map(({ id, status: given }) => `${id} ${given}`).join();
    if (this.drawn === drawn && this.history.hasChildNodes()) return;
    this.drawn = drawn;
    refill(this.history, element("h3", {}, "History"), entries.length > 0
      ? element("ul", { "aria-label": "History" }, entries.map((entry) => this.changeLine(entry)))
      : element("p", { class: "soft" }, "No request of the journal has changed it."));
  }

  changeLine(entry) {
    const { id, method, path, change } = entry;
    const href = this.context.link({ request: id }, "requests");
    return element("li", {}, time(entry.time), " ", element("strong", {}, change.kind), " by ",
      element("a", { id: `change-${id}`, href }, `request ${id}`), " ",
      element("code", {}, method, " ", raw(path)), " ", status(entry));
  }

  close() {
    const { key } = this;
    this.context.go({ record: "" });
    document.getElementById(`record-${key}`)?.focus();
  }
}
