// Live: what a view shows of an account is asked for again as long as the view is open and seen.

import { fill } from "./element.js";
import { paced } from "./pace.js";

const PAUSE = 400;
// What other clients steer is told by no event.
const PERIOD = 2000;

// Does the task now, when the journal has changed, and every two seconds. Gives a function to do it soon.
export function live(task, { journal, signal }) {
  const run = paced(() => document.hidden || signal.aborted || task(), PAUSE, signal);
  const timer = setInterval(run, PERIOD);
  signal.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", run, { signal });
  journal.subscribe(run, signal);
  run();
  return run;
}

// Fills a node; the focus goes to the one that has the id of the one that had it.
export function refill(node, ...children) {
  const { id } = node.contains(document.activeElement) ? document.activeElement : {};
  fill(node, ...children);
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}
