// The view of the document: in Swagger UI, which sends what one tries as this account.

import { pathOf } from "./api.js";
import { element, fill } from "./element.js";
import { isToken } from "./tokens.js";

export const view = { name: "document", title: "Document", open };

let kept; // {text, node}: the document as it is drawn. Swagger UI can't be ended, and a second one is as large.
let sender; // The API of the account as which one tries.

function open(root, context) {
  load(root, context);
}

async function load(root, { api, signal }) {
  const place = element("div", { "aria-busy": "true" });
  fill(root, element("h2", { class: "hidden" }, "Document"), place);
  followColours(signal);
  try {
    const [spec] = await Promise.all([api.get("document").then(ofThisServer), loaded()]);
    if (signal.aborted) return;
    sender = api;
    const text = JSON.stringify(spec);
    if (kept?.text !== text) kept = { text, node: render(spec) };
    place.append(kept.node);
    place.removeAttribute("aria-busy");
  } catch (error) {
    if (!signal.aborted) fill(root, element("p", { class: "empty" }, error.message));
  }
}

// The document with servers that this page may ask.
function ofThisServer(spec) {
  for (const part of [spec, ...Object.values(spec.paths).flatMap(Object.values)]) {
    if (part.servers) part.servers = part.servers.map(({ url }) => ({ url: pathOf(url) }));
  }
  return spec;
}

function render(spec) {
  const node = element("div", { class: "swagger" });
  nameAll(node);
  globalThis.SwaggerUIBundle({
    spec,
    domNode: node,
    deepLinking: false,
    docExpansion: "full",
    validatorUrl: null,
    syntaxHighlight: { activated: false },
    requestInterceptor: authorized,
  });
  return node;
}

// Swagger UI names not all of its choices, nor can its examples be scrolled by keyboard.
function nameAll(place) {
  const observer = new MutationObserver(() => {
    for (const choice of place.querySelectorAll("select:not([aria-label])")) {
      choice.setAttribute("aria-label", choice.closest("tr")?.dataset.paramName || choice.id || "example");
    }
    for (const example of place.querySelectorAll("pre:not([tabindex])")) example.setAttribute("tabindex", "0");
  });
  observer.observe(place, { childList: true, subtree: true });
}

// Swagger UI has dark colours, but does not know when they are wanted.
function followColours(signal) {
  const wanted = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", wanted.matches);
  wanted.addEventListener("change", follow, { signal });
  follow();
}

// What is tried out has the account's credentials, unless others were given to Swagger UI. A token, of which the
// page knows the name alone, is to be given there.
function authorized(request) {
  if (!isToken(sender.account)) request.headers.Authorization ??= sender.authorization;
  return request;
}

let loading;

// Swagger UI, which is no module and is large: it is loaded when it is first looked at.
function loaded() {
  loading ??= new Promise((done, failed) => {
    const style = element("link", { rel: "stylesheet", href: "inspector/swagger-ui.css" });
    const script = element("script", { src: "inspector/swagger-ui-bundle.js", onload: done, onerror: () => {
      loading = undefined;
      style.remove();
      script.remove();
      failed(new Error("Swagger UI could not be loaded; open this view again to try once more."));
    } });
    document.head.append(style, script);
  });
  return loading;
}
