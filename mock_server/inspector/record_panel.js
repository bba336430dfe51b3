// The panel of one record: its JSON, and the way to remove it.

import { element, fill } from "./element.js";
import { confirming } from "./field.js";

export class RecordPanel {
  // `remove` is called with the record's key.
  constructor(context, remove) {
    this.context = context;
    this.remove = remove;
    this.node = element("aside", { class: "panel", hidden: true, "aria-label": "Record" });
  }

  // Draws it where it is another than before; the scroll position and the focus stay else.
  draw(records, key) {
    const record = key === "" ? undefined : records.find(key);
    const text = record ? JSON.stringify(record, null, 2)
      : records.isWhole ? "There is no such record here, or not any more." : "Asking the server…";
    const isOther = this.key !== key;
    if (!isOther && this.text === text) return;
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
        : element("p", { class: "empty" }, text)));
    if (takesFocus) title.focus();
  }

  close() {
    const { key } = this;
    this.context.go({ record: "" });
    document.getElementById(`record-${key}`)?.focus();
  }
}
