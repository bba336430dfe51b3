// The view of requests: the journal as a table that grows at its end, and one exchange beside it.

import { element, fill } from "./element.js";
import { drawn } from "./exchange.js";
import { duration, marks, status, time } from "./marks.js";
import { decoded, target } from "./wire.js";

export const view = { name: "requests", title: "Requests", open };

const HEADS = ["Time", "Method", "Target", "Status", "Duration", "Marks"];

function open(root, context) {
  const list = new List(context);
  const panel = new Panel(context);
  const form = filterForm(context, list);
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
    if (key === "Escape" && panel.id) close(context);
  });
  return change;
}

function close({ go }) {
  const { id } = document.querySelector("tr.chosen") ?? {};
  go({ request: "" });
  document.getElementById(id)?.querySelector("a").focus();
}

async function clearAll({ api, say }) {
  try {
    await api.send("DELETE", "requests");
    say("The journal is empty.");
  } catch (error) {
    say(error.message);
  }
}

// The filters

function filterForm({ api, go, journal }, list) {
  const operation = element("select", { name: "operation" }, element("option", { value: "" }, "any"));
  api.get("coverage").then(({ operations }) => {
    operation.append(...operations.map((each) => element("option", {}, each.operation)));
    operation.value = operation.dataset.wanted;
  }).catch(() => {});
  return element("form", {
    class: "tools", role: "search",
    onsubmit: (event) => event.preventDefault(),
    oninput: (event) => {
      const { elements } = event.currentTarget;
      const names = ["status", "operation", "text"];
      go(Object.fromEntries(names.map((name) => [name, elements[name].value.trim()])), { replace: true });
    },
  },
    element("label", {}, "Status",
      element("input", { name: "status", size: "6", placeholder: "4xx, 200", autocomplete: "off" })),
    element("label", {}, "Operation", operation),
    element("label", {}, "Text", element("input", { name: "text", type: "search", size: "14", autocomplete: "off" })));
}

function show(form, filters) {
  for (const field of form.elements) {
    const wanted = filters.get(field.name) ?? "";
    field.dataset.wanted = wanted;
    if (field.value.trim() !== wanted) field.value = wanted;
  }
}

// Whether an entry passes the filters.
function passing(filters) {
  const [wanted, operation, text] = ["status", "operation", "text"].map((name) => filters.get(name) ?? "");
  const pattern = wanted.toLowerCase().replace(/x/g, ".").split(/[\s,]+/).filter(Boolean);
  const statuses = pattern.map((each) => new RegExp(`^${each.replace(/[^\d.]/g, "")}`));
  return (entry) =>
    (statuses.length === 0 || statuses.some((each) => each.test(entry.status ?? ""))) &&
    (operation === "" || entry.operation === operation) &&
    (text === "" || said(entry).includes(text.toLowerCase()));
}

function said(entry) {
  const problems = [...entry.violations, ...entry.warnings].map(({ code, key }) => `${code} ${key}`);
  const sent = target(entry);
  return [entry.method, sent, decoded(sent), entry.fault, entry.walk, ...problems].join(" ").toLowerCase();
}

// The table

class List {
  constructor(context) {
    this.context = context;
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
  }

  // Makes the rows those of the journal, touching only what is another; stays at the end, if it is there.
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
    if (isAtEnd) this.node.scrollTop = this.node.scrollHeight;
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
    fill(this.count, visible === this.rows.size ? `${visible} requests${newest}` : `${visible} of ${this.rows.size} requests${newest}`);
    this.empty.hidden = visible > 0;
    if (visible === 0) this.sayEmpty(recorded);
  }

  async sayEmpty(recorded) {
    const text = recorded > 0 ? "No request passes the filters." : "No requests yet.";
    if (this.empty.textContent.startsWith(text)) return;
    fill(this.empty, element("p", {}, text));
    if (recorded > 0) return;
    const { paths, servers } = await this.context.api.get("document").catch(() => ({ paths: {} }));
    const [path, item] = Object.entries(paths).find(([, { get }]) => get) ?? [];
    if (!path) return;
    const url = `${location.origin}${(item.get.servers ?? servers)[0].url}${path}`;
    fill(this.empty, element("p", {}, text, " Send one:"), element("pre", {}, `curl -u ${this.context.account}:secret '${url}'`));
  }
}

// The panel

class Panel {
  constructor(context) {
    this.context = context;
    this.body = element("div", { class: "body" });
    this.title = element("h2", { tabindex: "-1" });
    this.node = element("aside", { class: "panel", hidden: true, "aria-label": "Exchange" },
      element("div", { class: "tools head" }, this.title, element("span", { class: "rest" }),
        element("button", { type: "button", "aria-label": "Close", onclick: () => close(context) }, "✕")),
      this.body);
  }

  show(id) {
    if (this.id === id) return;
    this.id = id;
    this.drawn = undefined;
    this.node.hidden = !id;
    this.node.parentElement.classList.toggle("opened", Boolean(id));
    if (!id) return;
    fill(this.title, `Request ${id}`);
    fill(this.body);
    this.draw(true);
    if (matchMedia("(max-width: 60rem)").matches) this.title.focus();
  }

  // Draws it where the entry is another than before; the scroll position and the focus stay else.
  async draw(isAsked = false) {
    const { id } = this;
    const entry = this.context.journal.entries.get(id);
    if (!id || (!isAsked && (!entry || entry === this.drawn))) return;
    this.drawn = entry;
    try {
      const whole = await this.context.api.get(`requests/${encodeURIComponent(id)}`);
      if (this.id === id) fill(this.body, drawn(whole, this.context));
    } catch (error) {
      if (this.id === id && !entry) fill(this.body, element("p", { class: "empty" }, error.message));
    }
  }
}
