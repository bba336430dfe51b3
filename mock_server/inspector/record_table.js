// The table of records: a page of them, which its headings sort.

import { element, fill } from "./element.js";
import { refill } from "./live.js";
import { counted, display } from "./numbers.js";
import { MOST } from "./records.js";
import { revealing } from "./reveal.js";

const ROWS = 200;
const COLUMNS = 40;
const LONGEST = 200;

export class RecordTable {
  constructor(context) {
    this.context = context;
    this.reveal = revealing();
    this.count = element("p", { class: "soft count", role: "status" });
    this.pager = element("div", { class: "tools pager", role: "group", "aria-label": "Pages" });
    this.node = element("div", { class: "records", tabindex: "0", role: "region", "aria-label": "Records" });
  }

  draw(records, asked) {
    const found = records.chosen(asked);
    const pages = Math.max(1, Math.ceil(found.length / ROWS));
    const page = Math.min(Math.max(asked.page, 1), pages);
    const first = (page - 1) * ROWS;
    const rows = found.slice(first, first + ROWS);
    this.say(records, found.length);
    this.drawPager(page, pages, `${number(first + 1)}–${number(first + rows.length)}`);
    if (rows.length > 0) this.drawRows(records, asked, rows);
    else fill(this.node, element("p", { class: "empty" }, why(records)));
    this.reveal(asked.record, this.node.querySelector(".chosen"));
  }

  // `found` is how many pass the filter.
  say(records, found = records.items.length) {
    const text = countText(records, found);
    if (this.count.textContent !== text) fill(this.count, text);
  }

  fail(message) {
    fill(this.count, message);
  }

  drawPager(page, pages, where) {
    const turn = (label, sign, to) => element("button", {
      type: "button", id: `turn-${to < page ? "back" : "on"}`, "aria-label": label, disabled: to < 1 || to > pages,
      onclick: () => {
        this.node.scrollTop = 0;
        this.context.go({ page: to === 1 ? "" : to });
      },
    }, sign);
    this.pager.hidden = pages === 1;
    refill(this.pager,
      turn("Previous page", "‹", page - 1), element("span", { class: "soft" }, where), turn("Next page", "›", page + 1));
  }

  drawRows(records, asked, rows) {
    const { columns } = records;
    const names = columns.slice(0, COLUMNS);
    refill(this.node,
      element("table", {},
        element("thead", {}, element("tr", {}, names.map((name, place) => this.head(name, place, asked)))),
        element("tbody", {}, rows.map((record) => this.row(record, names, records.key(record), asked)))),
      columns.length > COLUMNS && element("p", { class: "soft" },
        `These are ${COLUMNS} of ${columns.length} fields; a record that is opened shows all that it has.`));
  }

  // Sorts up, then down, then as the server has them.
  head(name, place, { field, isDescending }) {
    const sorted = field !== name ? "none" : isDescending ? "descending" : "ascending";
    const next = {
      none: { sort: name, order: "" }, ascending: { sort: name, order: "descending" }, descending: { sort: "", order: "" },
    }[sorted];
    const sign = { none: "", ascending: " ▲", descending: " ▼" }[sorted];
    return element("th", { scope: "col", "aria-sort": sorted !== "none" && sorted },
      element("button", {
        type: "button", id: `sort-${place}`, onclick: () => this.context.go({ ...next, page: "" }, { replace: true }),
      }, name, element("span", { "aria-hidden": "true" }, sign)));
  }

  row(record, [first, ...others], key, asked) {
    const isChosen = key === asked.record;
    const { link, go } = this.context;
    const open = element("a", {
      id: `record-${key}`, href: link({ record: key }), "aria-current": isChosen && "true",
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go({ record: key }, { replace: asked.record !== "" });
      },
    }, short(record[first]) || "–");
    return element("tr", { class: isChosen && "chosen" },
      element("th", { scope: "row" }, open),
      others.map((name) => cell(record[name])));
  }
}

function cell(value) {
  const kind = { string: "text", number: "number" }[typeof value] ?? "soft";
  return element("td", { class: kind }, element("span", { dir: "auto" }, short(value)));
}

function short(value) {
  const text = value === undefined ? "" : display(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function countText({ items, total, isWhole, search }, found) {
  if (!isWhole) return total === 0 ? "" : `${number(items.length)} of ${counted(total, "record")} so far…`;
  const all = `${counted(total, "record")}${search && " with the text"}`;
  const there = items.length < total ? `the first ${number(MOST)} of ${all}` : all;
  return found < items.length ? `${number(found)} of ${there}` : there;
}

function why({ items, isWhole }) {
  if (!isWhole) return "Asking the server…";
  return items.length > 0 ? "No record holds the text." : "There are no records. Load a fixture file, or generate some.";
}

function number(value) {
  return value.toLocaleString("en");
}
