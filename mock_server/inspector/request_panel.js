// The panel beside the list of requests: one exchange.

import { Refused } from "./api.js";
import { element, fill } from "./element.js";
import { renderExchange } from "./exchange.js";

export class RequestPanel {
  constructor(context) {
    this.context = context;
    this.fetches = 0;
    this.body = element("div", { class: "body" });
    this.title = element("h2", { tabindex: "-1" });
    this.node = element("aside", { class: "panel", hidden: true, "aria-label": "Exchange" },
      element("div", { class: "tools head" }, this.title, element("span", { class: "rest" }),
        element("button", { type: "button", "aria-label": "Close", onclick: () => this.close() }, "✕")),
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

  // Closes it, and leads back to its row.
  close() {
    const { id } = this;
    this.context.go({ request: "" });
    document.getElementById(`request-${id}`)?.querySelector("a").focus();
  }

  // Draws it where the entry is another than before; the scroll position and the focus stay else.
  async draw(isAsked = false) {
    const { id } = this;
    const entry = this.context.journal.entries.get(id);
    if (!id || (!isAsked && (!entry || entry === this.drawn))) return;
    this.drawn = entry;
    const fetch = this.fetches += 1;
    try {
      const whole = await this.context.api.get(`requests/${encodeURIComponent(id)}`);
      // Of several answers, that to the last fetch counts.
      if (fetch === this.fetches) fill(this.body, renderExchange(whole, this.context));
    } catch (error) {
      if (fetch === this.fetches) this.fail(error);
    }
  }

  // Where the server has not answered, the next change draws it.
  fail(error) {
    if (!(error instanceof Refused)) this.drawn = undefined;
    fill(this.body, element("div", { class: "empty" }, element("p", {}, error.message),
      element("button", { type: "button", onclick: () => {
        this.title.focus();
        this.draw(true);
      } }, "Try again")));
  }
}
