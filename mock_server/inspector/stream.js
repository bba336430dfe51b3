// The stream: the server's events of the account's requests, read as they come.

import { Refused } from "./api.js";
import { pause } from "./pace.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;
const UNREACHABLE = "The server can't be reached; the page goes on as soon as it can.";

// Keeps a journal up to date until the signal ends it. EventSource could not send credentials.
export async function listen(api, journal, signal) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    const hiding = await seen();
    let trouble;
    try {
      const ends = AbortSignal.any([signal, hiding.signal]);
      const options = { headers: { Accept: "text/event-stream" }, signal: ends };
      const answer = await api.fetch("events", options);
      journal.live(true);
      wait = FIRST_WAIT;
      for await (const { name, data } of events(answer.body)) take(journal, name, data);
    } catch (error) {
      trouble = error instanceof Refused ? error.message : UNREACHABLE;
      // Who has no secret for the account is asked for it, and begins anew then.
      if (signal.aborted || error.status === 401) return;
    } finally {
      hiding.abort();
      journal.live(false, trouble);
    }
    if (document.hidden) continue;
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

// Waits until the page is seen; gives what is aborted when it is not any more. Browsers have few
// connections for a server, and pages in the background would use them up.
async function seen() {
  while (document.hidden) {
    await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  }
  const hiding = new AbortController();
  document.addEventListener("visibilitychange", () => hiding.abort(), { signal: hiding.signal });
  return hiding;
}

function take(journal, name, data) {
  if (name === "begin") journal.begin();
  else if (name === "requests") journal.add(data);
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split("\n\n");
    rest = pieces.pop();
    yield* pieces.map(parsed).filter((event) => event.name);
  }
}

function parsed(piece) {
  const fields = Object.fromEntries(piece.split("\n").map((line) => line.split(/: (.*)/s, 2)));
  return { name: fields.event, data: fields.data && JSON.parse(fields.data) };
}
