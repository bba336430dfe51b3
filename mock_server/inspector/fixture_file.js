// A fixture file: chosen or dropped, read by the server, and what the server finds wrong with it.

import { element, fill } from "./element.js";
import { field } from "./field.js";
import { counted } from "./numbers.js";

// The server may tell of thousands.
const LISTED = 200;

export class FixtureFile {
  // A file can be dropped anywhere on `root`; `loaded` is called when the records are others.
  constructor(root, context, loaded) {
    this.context = context;
    this.loaded = loaded;
    const input = element("input", { type: "file", accept: ".json,.yaml,.yml", onchange: () => {
      this.take(input.files);
      input.value = "";
    } });
    this.node = field("Fixture file, YAML or JSON: choose one, or drop it here", input);
    this.faults = element("div");
    this.receive(root);
  }

  receive(root) {
    const over = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      root.classList.add("dropping");
    };
    root.addEventListener("dragenter", over);
    root.addEventListener("dragover", over);
    root.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!root.contains(relatedTarget)) root.classList.remove("dropping");
    });
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      root.classList.remove("dropping");
      this.take(event.dataTransfer.files);
    });
  }

  async take([file, ...others]) {
    fill(this.faults);
    if (!file) return;
    if (others.length > 0) return this.refuse("Several files", { message: "Load one after the other; nothing was loaded." });
    try {
      const records = await this.send(file);
      const loaded = Object.entries(records).map(([name, count]) => `${counted(count, "record")} of ${name}`);
      this.context.say(`${file.name} was loaded: ${loaded.join(", ")}.`);
      await this.loaded();
    } catch (error) {
      if (!this.context.signal.aborted) this.refuse(file.name, error);
    }
  }

  async send(file) {
    const type = /\.json$/i.test(file.name) ? "application/json" : "application/yaml";
    const answer = await this.context.api.fetch("collections", {
      method: "PUT", body: file, headers: { "Content-Type": type },
    });
    return (await answer.json()).records;
  }

  refuse(name, { violations = [], message }) {
    const heading = violations.length === 0 ? message : `${counted(violations.length, "fault")}; nothing was loaded.`;
    const more = violations.length - LISTED;
    fill(this.faults, element("section", { class: "refused", "aria-label": "Faults of the file" },
      element("div", { class: "tools" },
        element("p", { role: "alert" }, element("strong", {}, name, ": "), heading),
        element("span", { class: "rest" }),
        element("button", { type: "button", "aria-label": "Dismiss", onclick: () => fill(this.faults) }, "✕")),
      violations.length > 0 && element("ul", { tabindex: "0", "aria-label": "Faults" },
        violations.slice(0, LISTED).map(fault),
        more > 0 && element("li", { class: "soft" }, `And ${more.toLocaleString("en")} more.`))));
  }
}

function fault({ key, message }) {
  return element("li", {}, element("code", {}, key || "The file"), ": ", message);
}
