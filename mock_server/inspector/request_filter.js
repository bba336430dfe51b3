// The filter of requests: a form, and which entries of the journal pass.

import { element } from "./element.js";
import { decoded, target } from "./wire.js";

export function filterForm({ api, go }) {
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

// Makes the form say what the URL does.
export function show(form, filters) {
  for (const field of form.elements) {
    const wanted = filters.get(field.name) ?? "";
    field.dataset.wanted = wanted;
    if (field.value.trim() !== wanted) field.value = wanted;
  }
}

// Whether an entry passes the filters.
export function passing(filters) {
  const [wanted, operation, text] = ["status", "operation", "text"].map((name) => filters.get(name) ?? "");
  const statuses = wanted.toLowerCase().split(/[\s,]+/).filter(Boolean);
  return (entry) =>
    (statuses.length === 0 || statuses.some((each) => isStatus(each, entry))) &&
    (operation === "" || entry.operation === operation) &&
    (text === "" || searchText(entry).includes(text.toLowerCase()));
}

// Whether an entry has a status such as `404`, `4xx`, `4` or `reset`; no entry has any other.
function isStatus(word, { status, durationMs }) {
  if (word === "reset") return status === null && durationMs !== null;
  return /^[\dx]+$/.test(word) && new RegExp(`^${word.replaceAll("x", ".")}`).test(status ?? "");
}

function searchText(entry) {
  const problems = [...entry.violations, ...entry.warnings].map(({ code, key }) => `${code} ${key}`);
  const sent = target(entry);
  return [entry.method, sent, decoded(sent), entry.fault, entry.chaos?.fault, entry.walk, ...problems].join(" ").toLowerCase();
}
