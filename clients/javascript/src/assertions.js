// The assertions of a sandbox, over requests, walks, faults and mistakes that were asked for before.
//
// Each throws AssertionFailed with a message that ends with the requests that did come, and a link to the
// inspector. The Python client has the same messages, and a test compares them.

import { AssertionFailed } from "./errors.js";
import { formatLine, formatMistake, isGiven, lacksBody, mistakesOf } from "./scene.js";
import { printable, shownJson } from "./shown-text.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").RequestList} RequestList */
/** @typedef {import("./control.js").MockRequest} Request */
/** @typedef {import("./control.js").MockWalk} Walk */
/** @typedef {import("./control.js").MockFault} Fault */
/** @typedef {import("./control.js").MockGroup} Mistakes */

// How many mistakes a message lists.
const LISTED = 20;

/**
 * @param {RequestList} found
 * @param {Scene} scene
 * @param {number | undefined} times
 * @param {import("./scene.js").Wanted} wanted
 */
export function assertCalled(found, scene, times, wanted) {
  const { operation, query, body } = wanted;
  const number = found.items.length;
  if (times === undefined && number) return;
  requireAll(found);
  if (isGiven(body)) requireBodies(scene.journal);
  if (times === number) return;
  const asked = times === undefined ? "at least one request" : `${times} request${times === 1 ? "" : "s"}`;
  const of = operation ? ` of ${operation}` : "";
  const having = query && Object.keys(query).length > 0 ? ` with ${shownJson(query)}` : "";
  const saying = isGiven(body) ? ` with the body ${shownJson(body)}` : "";
  const came = scene.describe("requests", wanted);
  throw new AssertionFailed(`expected ${asked}${of}${having}${saying}, but ${number} came; ${came}`);
}

/**
 * @param {Walk[]} walks
 * @param {Scene} scene
 * @param {boolean | null} complete
 * @param {boolean | null} repeats
 */
export function assertWalked(walks, scene, complete, repeats) {
  requireAll(scene.journal);
  if (walks.length === 0) {
    throw new AssertionFailed(`expected a walk, but no list was asked for; ${scene.describe("requests")}`);
  }
  const came = () => ["the walks were:", ...walks.map((walk) => `  ${shownJson(walk)}`), scene.describe("walks")];
  if (complete !== null && walks.some((walk) => walk.complete) !== complete) {
    throw new AssertionFailed(`expected ${complete ? "a" : "no"} walk to the end; ${came().join("\n")}`);
  }
  if (repeats !== null && walks.some((walk) => walk.repeatedCursors !== 0) !== repeats) {
    throw new AssertionFailed(`expected ${repeats ? "a" : "no"} page that was asked for twice; ${came().join("\n")}`);
  }
}

/**
 * @param {Fault[]} faults
 * @param {Scene} scene
 */
export function assertFaultsFired(faults, scene) {
  const unfired = faults.filter((fault) => !hasFired(fault));
  if (unfired.length === 0) return;
  const listed = unfired.map((fault) => `  ${shownJson(fault)}`).join("\n");
  throw new AssertionFailed(`no request met these faults:\n${listed}\n${scene.describe("faults")}`);
}

/** @param {Fault} fault */
function hasFired(fault) {
  return fault.spent || (fault.remaining === "forever" && fault.fired > 0);
}

/**
 * @param {Mistakes[]} mistakes
 * @param {Scene} scene
 * @param {boolean} warnings
 */
export function assertNoViolations(mistakes, scene, warnings) {
  const wanted = `expected requests without violations${warnings ? " and warnings" : ""}`;
  if (!scene.journal.recorded) throw new AssertionFailed(`${wanted}, but ${scene.describe("requests")}`);
  const meant = mistakes.filter((group) => warnings || group.kind === "violation");
  if (meant.length === 0) return;
  const number = meant.reduce((sum, group) => sum + group.count, 0);
  const lines = describeMistakes(meant, scene.journal.items);
  const more = lines.length > LISTED ? [`  and ${lines.length - LISTED} more`] : [];
  const listed = [...lines.slice(0, LISTED), ...more, scene.describeLink("requests")].join("\n");
  const came = number === 1 ? `1 ${meant[0]?.kind} came` : `${number} came`;
  throw new AssertionFailed(`${wanted}, but ${came}:\n${listed}`);
}

/**
 * Returns each mistake with its request, in the order in which they came.
 *
 * Those whose requests the journal does not have, and those of a walk, stand last: the first of each group.
 *
 * @param {Mistakes[]} groups
 * @param {Request[]} requests
 */
function describeMistakes(groups, requests) {
  const left = new Map(groups.map((group) => [keyOf(group.kind, group.operation, group), group.count]));
  const lines = [];
  for (const entry of requests) {
    for (const { kind, mistake } of mistakesOf(entry)) {
      const key = keyOf(kind, entry.operation, mistake);
      const number = left.get(key) ?? 0;
      if (number === 0) continue;
      left.set(key, number - 1);
      lines.push(describeMistake(formatLine(entry), kind, mistake));
    }
  }
  for (const group of groups) {
    const number = left.get(keyOf(group.kind, group.operation, group));
    if (!number) continue;
    const request = `${group.example} (${number}×, first by request ${group.first})`;
    lines.push(describeMistake(request, group.kind, group));
  }
  return lines;
}

/**
 * @param {string} kind
 * @param {string | null} operation
 * @param {{ key: string, code: string }} mistake
 */
function keyOf(kind, operation, mistake) {
  return JSON.stringify([kind, operation, mistake.key, mistake.code]);
}

/**
 * @param {string} request
 * @param {string} kind
 * @param {{ code: string, key: string, message: string }} mistake
 */
function describeMistake(request, kind, mistake) {
  return `${printable(`  ${request}`)}\n${formatMistake(kind, mistake)}`;
}

/** @param {RequestList} journal */
function requireAll({ dropped, recorded }) {
  if (!dropped) return;
  throw new AssertionFailed(
    `the journal has dropped ${dropped} of ${recorded} requests, ` +
      "so that nothing can be said of all of them; raise --journal-size or --max-journal",
  );
}

/** @param {RequestList} journal */
function requireBodies({ items, recorded }) {
  const number = items.filter(lacksBody).length;
  if (number === 0) return;
  throw new AssertionFailed(
    `the journal has dropped ${number} bodies of ${recorded} requests for newer ones, ` +
      "so that nothing can be said of all of them; empty it between the parts of a test",
  );
}
