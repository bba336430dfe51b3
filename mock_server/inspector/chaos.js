// Chaos: a form that gives a share of the account's requests trouble, and what that has done so far.

import { element, fill } from "./element.js";
import { field, form } from "./field.js";
import { counted, typed } from "./numbers.js";
import { describeStep } from "./steps.js";

const USUAL = "503, 429, 500, 502, cut, delay";

export class Chaos {
  constructor(context) {
    this.context = context;
    this.state = element("p", { class: "soft" });
    this.end = element("button", { type: "button", hidden: true, onclick: () => this.remove() }, "End chaos");
    const input = (name, value, size) => element("input", { name, value, size, spellcheck: "false", autocomplete: "off" });
    this.node = form({ class: "script chaos" }, async ({ elements }) => {
      this.show(await context.api.send("PUT", "chaos", read(elements)));
      context.say("Chaos was set.");
    },
      this.state,
      element("div", { class: "fields" },
        field("Share of requests, 0 to 1", input("rate", "0.1", 6), "/rate"),
        field("Seed", input("seed", "0", 8), "/seed"),
        field("Faults, with commas", element("input", { name: "faults", size: "28", placeholder: USUAL, spellcheck: "false" }), "/faults")),
      element("p", { class: "tools" }, element("button", {}, "Set chaos"), this.end));
  }

  async load() {
    try {
      this.show(await this.context.api.get("chaos"));
    } catch (error) {
      if (!this.context.signal.aborted) fill(this.state, error.message);
    }
  }

  show({ rate, seed, faults, requests, fired }) {
    this.end.hidden = rate === 0;
    const named = faults.map((fault) => (typeof fault === "string" ? fault : describeStep(fault))).join(", ");
    fill(this.state, rate === 0
      ? "No chaos. A seed and the number of a request decide which ones have trouble, the same in every run."
      : `${100 * rate} % of the requests meet one of ${named}, by the seed ${seed}. `
        + `So far ${fired} did; ${counted(requests, "request")} came to the account.`);
  }

  async remove() {
    try {
      await this.context.api.send("DELETE", "chaos");
      this.context.say("Chaos was ended.");
    } catch (error) {
      this.context.say(error.message);
    }
    this.node.querySelector("button").focus();
    await this.load();
  }
}

function read({ rate, seed, faults }) {
  const named = faults.value.split(",").map((name) => name.trim());
  return {
    ...(rate.value.trim() !== "" && { rate: typed(rate.value) }),
    ...(seed.value.trim() !== "" && { seed: typed(seed.value) }),
    ...(faults.value.trim() !== "" && { faults: named }),
  };
}
