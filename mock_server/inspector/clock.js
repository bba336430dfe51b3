// The view of the clock: what time it is for the account, and how to make it another.

import { element, fill } from "./element.js";
import { choice, field, form } from "./field.js";
import { live } from "./live.js";
import { typed } from "./numbers.js";

export const view = { name: "clock", title: "Clock", open };

const UNITS = { 1: "seconds", 60: "minutes", 3600: "hours", 86400: "days" };
const TICK = 200;

function open(root, context) {
  const face = new Face();
  const moment = element("input", { name: "now", size: "27", spellcheck: "false", autocomplete: "off" });
  let isFilled = false;
  const run = form({ class: "run" }, () => set({ frozen: false }), element("button", {}, "Run on"));

  function take({ now, frozen }) {
    face.set(now, frozen);
    run.querySelector("button").disabled = !frozen;
    // Once: who empties the field to type another moment would find it filled again.
    if (!isFilled && moment.value === "") moment.value = wholeSecond(now);
    isFilled = true;
  }
  async function set(change) {
    take(await context.api.send("PUT", "clock", change));
    context.say(face.describe());
  }

  fill(root,
    element("h2", { class: "hidden" }, "Clock"),
    face.node,
    element("div", { class: "hands" },
      form({}, ({ elements }) => set({ now: elements.now.value.trim() }),
        element("h3", {}, "Freeze"),
        element("div", { class: "fields" },
          field("At a moment, in RFC 3339 with Z or an offset", moment, "/now"),
          element("button", {}, "Freeze"),
          element("button", { type: "button", onclick: () => { moment.value = face.now(); } }, "Take what it shows"))),
      form({}, ({ elements }) => set({ advance: seconds(elements.number.value, elements.unit.value) }),
        element("h3", {}, "Advance"),
        element("div", { class: "fields" },
          field("By", element("input", { name: "number", inputmode: "decimal", size: "7", value: "1" }), "/advance"),
          field("Unit", choice({ name: "unit" }, Object.entries(UNITS))),
          element("button", {}, "Advance"))),
      element("div", {}, element("h3", {}, "Let it run"), run)),
    element("p", { class: "soft" },
      "The clock is the account's own. It dates the records that are added, and counts the seconds of a rate limit."));

  const timer = setInterval(() => face.draw(), TICK);
  context.signal.addEventListener("abort", () => clearInterval(timer));
  live(async () => {
    try {
      take(await context.api.get("clock"));
    } catch (error) {
      if (!context.signal.aborted) face.fail(error.message);
    }
  }, context);
}

function seconds(text, unit) {
  const number = typed(text);
  return typeof number === "number" ? number * Number(unit) : number;
}

// A moment without the fraction of its second.
function wholeSecond(moment) {
  return moment.replace(/\.\d+/, "");
}

// The face: the server's time, which goes on here until the server is asked again.
class Face {
  constructor() {
    this.time = element("time", {}, "…");
    this.state = element("span", { class: "badge" });
    this.node = element("p", { class: "face", "aria-label": "The account's clock" }, this.time, " ", this.state);
  }

  set(now, isFrozen) {
    Object.assign(this, { moment: now, isFrozen, asked: performance.now() });
    fill(this.state, isFrozen ? "frozen" : "running");
    this.state.classList.toggle("frozen", isFrozen);
    this.draw();
  }

  // As RFC 3339 writes it, to the second while it runs.
  now() {
    if (this.isFrozen) return this.moment;
    const moment = new Date(Date.parse(this.moment) + performance.now() - this.asked);
    return wholeSecond(moment.toISOString());
  }

  draw() {
    if (this.moment === undefined) return;
    const now = this.now();
    if (this.time.textContent === now) return;
    fill(this.time, now);
    this.time.setAttribute("datetime", now);
  }

  describe() {
    return `The clock ${this.isFrozen ? "stands at" : "runs on from"} ${this.now()}.`;
  }

  fail(message) {
    fill(this.state, message);
  }
}
