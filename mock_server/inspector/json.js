// JSON as people read it. Its numbers stay as they were written, which JSON.parse would round.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
const OPENS = /^[{[]$/;
const CLOSES = /^[}\]]$/;

// The text on several lines; as it is where it is no JSON.
export function indented(text) {
  return lines(text)?.map((line) => line.text).join("\n") ?? text;
}

// The lines of a JSON text, {text, pointer}; null where it is none. The pointer (RFC 6901) names the value
// that begins there, and is null where one ends.
export function lines(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return laidOut(text.match(TOKENS));
}

function laidOut(tokens) {
  const around = []; // The objects and arrays that the token is in: {pointer, count}, without a count for objects.
  const made = [{ text: "", pointer: "" }];
  const begin = (pointer) => made.push({ text: "  ".repeat(around.length), pointer });
  const beginMember = (next) => begin(memberPointer(around.at(-1), next));
  tokens.forEach((token, number) => {
    const next = tokens[number + 1];
    if (CLOSES.test(token) && !OPENS.test(tokens[number - 1])) {
      around.pop();
      begin(null);
    }
    const line = made.at(-1);
    line.text += token === ":" ? ": " : token;
    if (OPENS.test(token) && !CLOSES.test(next)) {
      around.push({ pointer: line.pointer, count: token === "[" ? 0 : undefined });
      beginMember(next);
    }
    if (token === ",") beginMember(next);
  });
  return made;
}

// The pointer of the next member of an array or an object, whose name is the token `next`.
function memberPointer(within, next) {
  const step = within.count === undefined ? JSON.parse(next) : String(within.count++);
  return `${within.pointer}/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
