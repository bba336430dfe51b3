// The view of coverage: what of the document was tried, and what never was, drawn as in the report.

import { element, fill, svgElement } from "./element.js";
import { live, refill } from "./live.js";
import { target } from "./wire.js";

export const view = { name: "coverage", title: "Coverage", open };

function open(root, context) {
  const picture = element("div", { class: "picture" }, element("p", { class: "empty" }, "Asking the server…"));
  const teller = new Teller(context);
  for (const happening of ["pointerover", "focusin"]) {
    picture.addEventListener(happening, ({ target: pointed }) => teller.tell(pointed.closest(".point")?.dataset));
  }
  fill(root, picture, teller.node);

  let drawn;
  async function draw() {
    const coverage = await context.api.get("coverage");
    const text = JSON.stringify(coverage);
    if (text === drawn) return;
    drawn = text;
    refill(picture, whole(coverage, context));
  }
  live(() => draw().catch((error) => {
    if (!drawn && !context.signal.aborted) fill(picture, element("p", { class: "empty" }, error.message));
  }), context);
}

// The picture

function whole(coverage, context) {
  return [
    element("h2", {}, `Coverage: ${percent(coverage)} `, soft(share(coverage))),
    coverage.operations.map((operation) => drawnOperation(operation, context)),
  ];
}

function drawnOperation(operation, context) {
  const { apart } = operation;
  return [
    element("h3", {}, element("code", {}, operation.operation), " ", soft(`${percent(operation)}, ${share(operation)}`)),
    element("div", { class: "groups" },
      operation.groups.map((group) => drawnGroup(operation, group, context)),
      apart.length > 0 && element("div", { class: "group" },
        element("h4", {}, "statuses that take a fault"), points(operation, { group: "apart", points: apart }, context))),
  ];
}

function drawnGroup(operation, group, context) {
  return element("div", { class: "group" },
    element("h4", {}, element("span", {}, group.group), soft(`${share(group)} (${percent(group)})`)),
    bar(group),
    points(operation, group, context));
}

// A bar of as many parts as there are points, in their order.
function bar(group) {
  const parts = group.points.map((point, number) => svgElement("rect",
    { x: number, width: 1, height: 1, class: point.covered ? "done" : "rest" },
    svgElement("title", {}, describe(point))));
  return svgElement("svg", {
    class: "share", role: "img", "aria-label": `${share(group)} covered`,
    viewBox: `0 0 ${parts.length} 1`, preserveAspectRatio: "none",
  }, parts);
}

function points({ operation }, { group, points: all }, { link }) {
  return element("ul", { class: "points" }, all.map((point) => {
    const { name, covered, request } = point;
    const content = request
      ? element("a", {
          id: `${operation} ${group} ${name}`, href: link({ request }, "requests"), "aria-label": describe(point),
          "aria-describedby": "told",
        }, name)
      : [name, !covered && element("span", { class: "hidden" }, ": never tried")];
    return element("li", {
      class: covered ? "point covered" : "point", title: describe(point), "data-told": describe(point), "data-request": request,
    }, content);
  }));
}

function describe({ name, covered, request }) {
  return `${name}: ${covered ? `first by request ${request ?? "?"}` : "never tried"}`;
}

function percent(counted) {
  return `${counted.percent} %`;
}

function share({ covered, total }) {
  return `${covered} of ${total}`;
}

function soft(text) {
  return element("span", { class: "soft" }, text);
}

// The line that tells of the point under the pointer, or of the one with the focus.

class Teller {
  constructor({ api, journal }) {
    this.api = api;
    this.journal = journal;
    this.node = element("p", { class: "told", id: "told" },
      soft("Point at what is covered (✓) to see the request that did so first, or open it."));
  }

  async tell(point) {
    if (!point || point === this.point) return;
    this.point = point;
    fill(this.node, point.told);
    if (!point.request) return;
    const sent = await this.sent(point.request);
    if (this.point === point) fill(this.node, point.told, " · ", sent);
  }

  async sent(id) {
    try {
      const entry = this.journal.entries.get(id) ?? await this.api.get(`requests/${encodeURIComponent(id)}`);
      return element("code", {}, `${entry.method} ${target(entry)}`);
    } catch {
      return soft("which the journal does not have any more");
    }
  }
}
