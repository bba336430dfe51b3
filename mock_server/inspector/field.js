// Fields: inputs with their labels, and beside each of them what the server has refused in it.

import { element } from "./element.js";

let made = 0;

// A control with its label. `key` is the JSON pointer of what the control says in the body that is sent.
export function field(label, control, key) {
  made += 1;
  control.id = `field-${made}`;
  if (key !== undefined) control.dataset.key = key;
  return element("div", { class: "field" },
    element("label", { for: control.id }, label), control);
}

export function choice(attributes, options) {
  return element("select", attributes, options.map(([value, words]) => element("option", { value }, words)));
}

// Mistakes that the page itself finds, as the server would tell them.
export class Mistaken extends Error {
  constructor(violations) {
    super("The form is not filled in right.");
    this.violations = violations;
  }
}

// Shows the violations of an error beside the fields that they are about, and all others at the form's end.
export function refuse(form, error) {
  accept(form);
  const fields = [...form.querySelectorAll("[data-key]")];
  const problems = error.violations?.length ? error.violations : [{ key: "", message: error.message }];
  for (const { key, message } of problems) {
    const field = deepest(fields, key);
    const refusal = element("p", { class: "refusal", role: "alert", id: `refusal-${made += 1}` },
      key !== "" && field?.dataset.key !== key && element("code", {}, `${key} `), message);
    if (!field) form.append(refusal);
    else if (field.matches("fieldset, div")) field.append(refusal);
    else showBeside(field, refusal);
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function showBeside(control, refusal) {
  control.parentElement.append(refusal);
  control.setAttribute("aria-invalid", "true");
  const others = control.getAttribute("aria-describedby");
  control.setAttribute("aria-describedby", others ? `${others} ${refusal.id}` : refusal.id);
}

// The field whose key leads furthest towards a pointer.
function deepest(fields, key) {
  const leading = fields.filter(({ dataset }) => key === dataset.key || key.startsWith(`${dataset.key}/`));
  return leading.sort((one, other) => other.dataset.key.length - one.dataset.key.length)[0];
}

// Takes away what was refused before.
export function accept(form) {
  for (const refusal of form.querySelectorAll(".refusal")) refusal.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

// A form that does something with what it says, one thing at a time, and shows what is refused.
export function form(attributes, act, ...children) {
  return element("form", { novalidate: true, ...attributes, onsubmit: async (event) => {
    event.preventDefault();
    const { currentTarget } = event;
    if (currentTarget.hasAttribute("aria-busy")) return;
    currentTarget.setAttribute("aria-busy", "true");
    try {
      await act(currentTarget);
      accept(currentTarget);
    } catch (error) {
      refuse(currentTarget, error);
    } finally {
      currentTarget.removeAttribute("aria-busy");
    }
  } }, ...children);
}

// A button that asks, in its own place, before it acts.
export function confirming(label, question, act) {
  const place = element("span", { class: "confirming" });
  const ask = element("button", { type: "button", class: "danger", onclick: () => {
    const keep = element("button", { type: "button", onclick: () => settle() }, "No");
    const yes = element("button", { type: "button", class: "danger", onclick: () => settle(act) }, "Yes");
    place.replaceChildren(element("span", {}, question), " ", yes, " ", keep);
    keep.focus();
  } }, label);
  async function settle(chosen) {
    place.replaceChildren(ask);
    ask.focus();
    await chosen?.();
  }
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || place.contains(ask)) return;
    event.stopPropagation();
    settle();
  });
  place.append(ask);
  return place;
}
