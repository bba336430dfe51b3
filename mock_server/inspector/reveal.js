// The reveal: what a link leads to is scrolled into view, once, when it is first there.

// A function of what is chosen, or null, and its node, if that is there yet.
export function revealing() {
  let revealed;
  return (chosen, node) => {
    if (!chosen) revealed = undefined;
    if (!chosen || !node || chosen === revealed) return;
    revealed = chosen;
    node.scrollIntoView({ block: "nearest" });
  };
}
