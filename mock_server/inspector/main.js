// The page: the tabs, the account, and the view that the URL names.
//
// A view is {name, title, open(root, context)}: it draws into `root`, an empty element. What it opens
// ends with `context.signal`, which it gives to its listeners. It may return a function, which is called
// with the filters when the URL has others than before. The context has
//   account   the client id
//   api       get(path), send(method, path, body); they raise Refused
//   journal   entries (a Map by id, oldest first), isLive, trouble (why not), subscribe(listener, signal)
//   filters   what the URL says beside view and account, as URLSearchParams
//   go(filters, {view, replace})   changes the URL; an empty value removes a filter
//   link(filters, view)            the same as an href
//   say(text)                      tells the user what was done, or why not
//   signal                         ends with the view

import { Api, NO_COLON } from "./api.js";
import { element, fill } from "./element.js";
import { Journal } from "./journal.js";
import { Place } from "./place.js";
import { listen } from "./stream.js";
import { accountOf } from "./tokens.js";
import { view as clock } from "./clock.js";
import { view as coverage } from "./coverage.js";
import { view as data } from "./data.js";
import { view as documentView } from "./document.js";
import { view as faults } from "./faults.js";
import { view as requests } from "./requests.js";
import { view as walks } from "./walks.js";

const VIEWS = [requests, walks, coverage, data, faults, clock, documentView];
const NAMES = VIEWS.map((view) => view.name);

const page = Object.fromEntries(
  ["skip", "tabs", "live", "account", "view", "said"].map((id) => [id, document.getElementById(id)]),
);

let place; // What is shown.
let account; // {api, journal, end}: what belongs to the account that is shown.
let silence; // Ends what is said.
let shown; // {change, end}: the view that is shown.

function show() {
  const next = Place.current(NAMES);
  const isOther = (name) => place === undefined || place[name] !== next[name];
  const [isOtherAccount, isOtherView] = [isOther("account"), isOther("view")];
  place = next;
  drawTabs();
  if (isOtherAccount) openAccount();
  if (isOtherAccount || isOtherView) openView();
  else shown.change?.(place.filters);
}

function drawTabs() {
  const tabs = VIEWS.map(({ name, title }) => {
    const current = name === place.view && "page";
    return element("a", { href: place.with({}, name).href, "aria-current": current }, title);
  });
  // The focus stays on its link.
  const focused = [...page.tabs.children].indexOf(document.activeElement);
  fill(page.tabs, tabs);
  tabs[focused]?.focus();
  page.tabs.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
}

function openAccount() {
  account?.end();
  const ending = new AbortController();
  const api = new Api(place.account, ending.signal, () => drawAccount(true));
  const journal = new Journal();
  const drawLive = () => page.live.classList.toggle("is-live", journal.isLive);
  journal.subscribe(drawLive, ending.signal);
  drawLive();
  account = { api, journal, end: () => ending.abort() };
  drawAccount(false);
  listen(api, journal, ending.signal);
}

function drawAccount(isLocked) {
  if (isLocked && page.account.elements.secret) return;
  const name = element("input", {
    name: "name", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true,
  });
  name.value = place.account;
  const check = () => name.setCustomValidity(name.value.includes(":") ? NO_COLON : "");
  name.addEventListener("input", check);
  fill(
    page.account,
    element("label", {}, element("span", {}, "Account"), name),
    isLocked && element("label", {}, element("span", {}, "Secret"),
      element("input", { name: "secret", type: "password", autocomplete: "off" })),
    isLocked && element("button", {}, "Unlock"),
  );
  check();
  name.reportValidity();
  if (isLocked) sayLocked();
}

function sayLocked() {
  const isWrong = account.api.isSecretGiven;
  say(isWrong ? "The secret is wrong." : "The server asks for the secret of this account.");
  if (isWrong) page.account.elements.secret.focus();
}

page.account.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, secret } = page.account.elements;
  const given = secret?.value;
  const named = await accountOf(name.value, account.api);
  if (given !== undefined) {
    new Api(named).secret = given;
    place = undefined;
  }
  const { href } = Place.current(NAMES).of(named);
  // Enter in a changed field submits twice: by its change, and by itself.
  if (href !== location.hash) history.pushState(null, "", href);
  show();
});

page.account.addEventListener("change", (event) => {
  if (event.target.name === "name" && !page.account.elements.secret) page.account.requestSubmit();
});

function openView() {
  shown?.end();
  const view = VIEWS.find(({ name }) => name === place.view);
  const ending = new AbortController();
  const root = element("div", { class: `view ${view.name}` });
  document.title = `${view.title} · ${place.account} · mock_server`;
  page.view.setAttribute("aria-label", view.title);
  fill(page.view, root);
  shown = { end: () => ending.abort() };
  shown.change = view.open(root, {
    account: place.account,
    api: account.api,
    journal: account.journal,
    filters: place.filters,
    go,
    link: (filters, name) => place.with(filters, name).href,
    say,
    signal: ending.signal,
  });
}

function go(filters, { view, replace = false } = {}) {
  const { href } = place.with(filters, view);
  if (href === location.hash) return;
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  show();
}

function say(text) {
  fill(page.said, text);
  clearTimeout(silence);
  silence = setTimeout(() => fill(page.said), 8000);
}

// What was said of one action says nothing of the next.
for (const action of ["click", "submit", "change", "drop"]) {
  addEventListener(action, ({ target }) => {
    if (action !== "click" || target.closest("button, a")) say("");
  }, { capture: true });
}

page.skip.addEventListener("click", () => page.view.focus());
addEventListener("popstate", show);
show();
