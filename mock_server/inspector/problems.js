// The problems: the violations and warnings of a request, given out by what they are about.

import { element } from "./element.js";
import { mark } from "./marks.js";

export class Problems {
  constructor({ violations, warnings }) {
    this.left = [
      ...violations.map((problem) => ({ ...problem, kind: "violation" })),
      ...warnings.map((problem) => ({ ...problem, kind: "warning" })),
    ];
  }

  // A list of those that have a key and are what is asked for, or null.
  of(isIt) {
    const own = this.take((problem) => problem.key !== "" && isIt(problem));
    return own.length > 0 ? list(own.map((problem) => ({ ...problem, key: "" }))) : null;
  }

  // Those that are what is asked for, which are given out with that.
  take(isIt) {
    const own = this.left.filter(isIt);
    this.left = this.left.filter((problem) => !own.includes(problem));
    return own;
  }

  rest() {
    return this.left.length > 0 ? list(this.left) : null;
  }
}

export function list(problems) {
  return element("ul", { class: "problems" }, problems.map((problem) => element("li", {}, told(problem))));
}

export function told({ kind, code, message, key }) {
  return [mark(kind, element("strong", {}, code)), " ", message, key && element("span", { class: "soft" }, ` (${key})`)];
}
