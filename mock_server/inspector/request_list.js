// The list of requests: a table that grows at its end.

import { pathOf } from "./api.js";
import { example } from "./curl.js";
import { element, fill } from "./element.js";
import { duration, marks, status, time } from "./marks.js";
import { counted } from "./numbers.js";
import { passing } from "./request_filter.js";
import { revealing } from "./reveal.js";
import { wanted } from "./tokens.js";
import { target } from "./wire.js";

const HEADS = ["Time", "Method", "Target", "Status", "Duration", "Marks"];
const NONE = "No requests yet.";

export class RequestList {
  constructor(context) {
    this.context = context;
    this.reveal = revealing();
    this.rows = new Map(); // By the ids of the entries that they show.
    this.count = element("span", { class: "soft count" });
    this.body = element("tbody", { role: "rowgroup", onkeydown: (event) => this.move(event) });
    this.empty = element("div", { class: "empty" });
    this.node = element("div", { class: "list", tabindex: "0", role: "region", "aria-label": "Requests" },
      element("table", { role: "table" },
        element("thead", { role: "rowgroup" }, element("tr", { role: "row" },
          HEADS.map((head) => element("th", { role: "columnheader", scope: "col" }, head)))),
        this.body),
      this.empty);
    this.passes = passing(context.filters);
  }

  filter(filters) {
    this.passes = passing(filters);
    for (const row of this.rows.values()) row.node.hidden = !this.passes(row.entry);
    this.say();
  }

  choose(id) {
    this.chosen = id;
    this.body.querySelector(".chosen")?.classList.remove("chosen");
    this.rows.get(id)?.node.classList.add("chosen");
    this.reveal(id, this.rows.get(id)?.node);
  }

  // Makes the rows those of the journal, touching only what is another; stays at the end, if it is there
  // and nothing is chosen.
  draw() {
    const { scrollTop, scrollHeight, clientHeight } = this.node;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 8;
    const { entries } = this.context.journal;
    for (const [id, { node, entry }] of this.rows) {
      // After a restart of the server, an id is another request's.
      if (entries.get(id)?.time === entry.time) continue;
      node.remove();
      this.rows.delete(id);
    }
    const fresh = [];
    for (const [id, entry] of entries) {
      const row = this.rows.get(id);
      if (!row) fresh.push(this.add(id, entry));
      else if (row.entry !== entry) this.redraw(row, entry);
    }
    this.body.append(...fresh);
    if (this.chosen) this.reveal(this.chosen, this.rows.get(this.chosen)?.node);
    else if (isAtEnd) this.node.scrollTop = this.node.scrollHeight;
    this.say();
  }

  add(id, entry) {
    const node = element("tr", { role: "row", id: `request-${id}`, hidden: !this.passes(entry) }, this.cells(entry));
    if (id === this.chosen) node.classList.add("chosen");
    this.rows.set(id, { node, entry });
    return node;
  }

  // The link stays, since it may have the focus.
  redraw(row, entry) {
    row.entry = entry;
    row.node.hidden = !this.passes(entry);
    this.cells(entry).forEach((cell, number) => {
      if (HEADS[number] !== "Target") row.node.children[number].replaceWith(cell);
    });
  }

  cells(entry) {
    const href = this.context.link({ request: entry.id });
    const open = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.context.go({ request: entry.id }, { replace: Boolean(this.chosen) });
    };
    const cells = [
      time(entry.time), entry.method, element("a", { href, onclick: open }, target(entry)),
      status(entry), duration(entry.durationMs), marks(entry),
    ];
    return cells.map((cell) => element("td", { role: "cell" }, cell));
  }

  move(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!step) return;
    event.preventDefault();
    let row = event.target.closest("tr")[step];
    while (row?.hidden) row = row[step];
    row?.querySelector("a").focus();
    if (row && this.chosen) row.querySelector("a").click();
  }

  say() {
    const { recorded, isLive } = this.context.journal;
    const visible = [...this.rows.values()].filter(({ node }) => !node.hidden).length;
    const newest = recorded > this.rows.size ? `, the newest of ${recorded.toLocaleString("en")}` : "";
    const all = counted(this.rows.size, "request");
    const isKnown = isLive || this.rows.size > 0;
    fill(this.count, isKnown && [visible === this.rows.size ? all : `${visible} of ${all}`, newest]);
    this.empty.hidden = visible > 0;
    if (visible === 0) this.sayEmpty(recorded);
  }

  async sayEmpty(recorded) {
    const text = this.why(recorded);
    if (this.empty.textContent.startsWith(text)) return;
    fill(this.empty, element("p", {}, text));
    if (text === NONE) await this.sayHow();
  }

  why(recorded) {
    const { isLive, trouble } = this.context.journal;
    if (this.rows.size > 0) return "No request passes the filters.";
    if (!isLive) return trouble;
    return recorded > 0 ? "Requests came, but the server keeps no journal." : NONE;
  }

  async sayHow() {
    const { paths, servers } = await this.context.api.get("document").catch(() => ({ paths: {} }));
    const [path, item] = Object.entries(paths).find(([, { get }]) => get) ?? [];
    if (!path || this.empty.textContent !== NONE) return;
    const base = pathOf((item.get.servers ?? servers)[0].url).replace(/\/$/, "");
    const url = `${location.origin}${base}${path}`;
    const command = example(this.context.account, url, await wanted(this.context.api));
    if (this.empty.textContent !== NONE) return;
    fill(this.empty, element("p", {}, NONE, " Send one:"), element("pre", {}, command));
  }
}
