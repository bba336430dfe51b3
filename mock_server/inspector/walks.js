// The view of walks: each is a strip of pages, in the order in which they were asked for.

import { element, fill } from "./element.js";
import { live } from "./live.js";
import { duration, mark, time } from "./marks.js";
import { counted } from "./numbers.js";
import { revealing } from "./reveal.js";

export const view = { name: "walks", title: "Walks", open };

// What a cell may be, from what decides first; `is` is asked of a step and its entry.
const KINDS = [
  { name: "under way", icon: "…", is: (step, entry) => entry.durationMs === null },
  { name: "failed", icon: "✖", is: (step) => step.failed },
  { name: "repeat", icon: "↻", is: (step) => step.repeat },
  { name: "retry", icon: "⤾", is: (step, entry, before) => step.retry || isRetry(step, before) },
  { name: "page", icon: "", is: () => true },
];

// What may be true of a cell beside.
const TRAITS = [
  { name: "backward", icon: "←", is: (step) => step.backward },
  { name: "other filters", icon: "≠", is: (step) => step.filtersChanged },
  { name: "end", icon: "■", is: (step) => step.end },
];

const MISSING = { name: "gap", icon: "" };

function open(root, context) {
  const list = element("div", { class: "walks-list" }, empty("Asking the server…"));
  fill(root,
    element("h2", { class: "hidden" }, "Walks"),
    element("ul", { class: "legend", "aria-label": "Legend" },
      [...KINDS.toReversed(), ...TRAITS, MISSING].map(({ name, icon }) =>
        element("li", {}, element("span", { class: `cell sample ${style(name)}`, "aria-hidden": "true" }, icon), name))),
    list);
  const reveal = revealing();
  const drawn = new Map(); // By the ids of walks: {state, node}.

  async function draw() {
    const { items } = await context.api.get("walks");
    const steps = stepsByWalk(context.journal);
    const walks = items.filter(({ id }) => steps.has(id)).toReversed();
    for (const id of drawn.keys()) if (!steps.has(id)) drawn.delete(id);
    place(list, walks.map((walk) => kept(drawn, walk, steps.get(walk.id), context)));
    const { isLive, trouble } = context.journal;
    if (walks.length === 0) fill(list, empty(isLive ? "No list was asked for yet." : trouble));
    choose();
  }

  function choose() {
    const wanted = context.filters.get("walk");
    list.querySelector(".chosen")?.classList.remove("chosen");
    const node = wanted && list.querySelector(`#${CSS.escape(wanted)}`);
    node?.classList.add("chosen");
    reveal(wanted, node);
  }

  live(() => draw().catch((error) => {
    if (!context.signal.aborted && !list.querySelector(".walk")) fill(list, empty(error.message));
  }), context);
  return (filters) => {
    context = { ...context, filters };
    choose();
  };
}

function empty(text) {
  return element("p", { class: "empty" }, text);
}

// The entries of the journal that belong to each walk, in their order.
function stepsByWalk({ entries }) {
  const steps = new Map();
  for (const entry of entries.values()) {
    if (entry.walk === null) continue;
    if (!steps.has(entry.walk)) steps.set(entry.walk, []);
    steps.get(entry.walk).push(entry);
  }
  return steps;
}

// A walk's node: the old one, unless there is more to tell.
function kept(drawn, walk, entries, context) {
  const state = JSON.stringify([walk, entries.map(({ id, step, durationMs }) => [id, step, durationMs])]);
  if (drawn.get(walk.id)?.state !== state) drawn.set(walk.id, { state, node: strip(walk, entries, context) });
  return drawn.get(walk.id).node;
}

// Makes the children of a node those given, without moving what stands right, which may have the focus.
function place(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, number) => {
    if (parent.childNodes[number] !== node) parent.insertBefore(node, parent.childNodes[number] ?? null);
  });
}

function strip(walk, entries, context) {
  const filters = Object.entries(walk.filters).map(([name, value]) => element("code", { class: "filter" }, `${name}=${value}`));
  return element("section", { class: "walk", id: walk.id, "aria-label": walk.id },
    element("div", { class: "about" },
      element("h3", {}, walk.id), element("span", { class: "mono" }, walk.operation), filters,
      element("span", { class: "soft" }, sums(walk)), verdict(walk)),
    element("ol", { class: "strip" }, cells(walk, entries, context)));
}

function sums({ pages, items, repeatedCursors }) {
  if (pages === "incomplete") return "its beginning is not in the journal any more";
  const repeats = repeatedCursors > 0 ? `, ${counted(repeatedCursors, "repeat")}` : "";
  return `${counted(pages, "page")}, ${counted(items, "item")}${repeats}`;
}

function verdict(walk) {
  const { complete, filtersConstant, gapless, repeatedCursors } = walk;
  return [
    complete && element("span", { class: "good" }, "✔ to the end"),
    isGivenUp(walk) && gapless && element("span", { class: "odd" }, "◌ not to the end"),
    gapless || mark("warning", "pages left out"),
    filtersConstant || mark("warning", "filters changed"),
    repeatedCursors > 0 && mark("warning", "repeats"),
  ];
}

// Who has gone on from the first page, but not to the end, may still do so.
function isGivenUp({ complete, pages }) {
  return !complete && pages !== 0 && pages !== 1;
}

function cells(walk, entries, { link }) {
  const made = entries.flatMap((entry, number) => [
    entry.step.skips && gap("What lies before this page was never asked for"),
    cell(entry, entries[number - 1], link),
  ].filter(Boolean));
  const first = entries[0].step.page;
  if (first !== 1) made.unshift(gap(first === null ? "Earlier pages are" : `${counted(first - 1, "page")} before ${first === 2 ? "is" : "are"}`, "not in the journal any more"));
  const last = entries.at(-1);
  if (last.durationMs !== null && last.step.failed) made.push(gap("This page was never got"));
  else if (last.durationMs !== null && isGivenUp(walk) && !last.step.end) made.push(gap("What follows was never asked for"));
  return made;
}

function gap(...words) {
  const text = words.join(" ");
  return element("li", {}, element("span", { class: "cell gap", title: text }, element("span", { class: "hidden" }, text)));
}

function cell(entry, before, link) {
  const { step } = entry;
  const kind = KINDS.find(({ is }) => is(step, entry, before?.step));
  const traits = TRAITS.filter(({ is }) => is(step));
  const names = [kind, ...traits].map(({ name }) => name).filter((name) => name !== "page");
  const items = step.items === null ? "" : counted(step.items, "item");
  const words = [`Page ${step.page ?? "unknown"}`, ...names, items].filter(Boolean).join(", ");
  const when = `${words}; request ${entry.id} at ${time(entry.time)}, ${duration(entry.durationMs)}`;
  return element("li", {},
    element("a", { class: ["cell", style(kind.name), ...traits.map(({ name }) => style(name))].join(" "), title: when, "aria-label": when,
      href: link({ request: entry.id }, "requests") },
    element("span", {}, step.page ?? "?"),
    element("small", {}, step.items, [...traits, kind].map(({ icon }) => icon))));
}

// The first page of a walk is asked for again, with nothing that tells it by.
function isRetry(step, before) {
  return Boolean(before?.failed) && before.page === step.page;
}

function style(name) {
  return name.replace(" ", "-");
}
