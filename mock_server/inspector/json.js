// JSON as people read it. Its numbers stay as they were written, which JSON.parse would round.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

// The text on several lines; as it is where it is no JSON.
export function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return laidOut(text.match(TOKENS));
}

function laidOut(tokens) {
  let [result, depth] = ["", 0];
  tokens.forEach((token, number) => {
    const [before, after] = [tokens[number - 1], tokens[number + 1]];
    const isEmpty = (opens, closes) => /[{[]/.test(opens) && opens.length === 1 && /^[}\]]$/.test(closes);
    if (/^[}\]]$/.test(token)) {
      depth -= 1;
      if (!isEmpty(before ?? "", token)) result += line(depth);
    }
    result += token;
    if (/^[{[]$/.test(token)) {
      depth += 1;
      if (!isEmpty(token, after ?? "")) result += line(depth);
    }
    if (token === ",") result += line(depth);
    if (token === ":") result += " ";
  });
  return result;
}

function line(depth) {
  return `\n${"  ".repeat(depth)}`;
}
