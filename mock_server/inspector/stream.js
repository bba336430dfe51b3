// The stream: the server's events of the account's requests, read as they come.

import { Refused } from "./api.js";
import { pause } from "./pace.js";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5000;

// Keeps a journal up to date until the signal ends it. EventSource could not send credentials.
export async function listen(api, journal, signal) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      const answer = await api.fetch("events", { headers: { Accept: "text/event-stream" } });
      journal.live(true);
      wait = FIRST_WAIT;
      for await (const { name, data } of events(answer.body)) take(journal, name, data);
    } catch (error) {
      // Who has no secret for the account is asked for it, and begins anew then.
      if (signal.aborted || (error instanceof Refused && error.status === 401)) return;
    }
    journal.live(false);
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
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
