// Marks: what is odd about a request, as an icon and words, so that it takes no colours to see it.

import { element } from "./element.js";

const KINDS = {
  violation: { icon: "✖", style: "bad" },
  warning: { icon: "▲", style: "odd" },
  fault: { icon: "ϟ", style: "fault" },
};

export function mark(kind, ...words) {
  const { icon, style } = KINDS[kind];
  return element("span", { class: `mark ${style}`, title: kind },
    element("span", { "aria-hidden": "true" }, icon), element("span", { class: "hidden" }, `${kind} `), ...words);
}

// The marks of an entry of the journal.
export function marks({ violations, warnings, fault, chaos }) {
  return [
    violations.length > 0 && mark("violation", codes(violations)),
    warnings.length > 0 && mark("warning", codes(warnings)),
    fault && mark("fault", chaos ? `chaos ${chaos.fault}` : fault),
  ];
}

function codes(problems) {
  return [...new Set(problems.map(({ code }) => code))].join(", ");
}

// A status with its class: good, redirected, odd, bad.
export function status({ status: number, durationMs }) {
  if (number === null) return element("span", { class: "soft" }, durationMs === null ? "…" : "reset");
  const style = number < 300 ? "good" : number < 400 ? "soft" : "bad";
  return element("span", { class: `status ${style}` }, number);
}

export function duration(milliseconds) {
  if (milliseconds === null) return "";
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

// The time of the day, by the clock of who looks at it.
export function time(iso) {
  const moment = new Date(iso);
  const two = (number) => String(number).padStart(2, "0");
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(":");
  return `${clock}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}
