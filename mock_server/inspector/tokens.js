// Tokens and keys: the names under which the server shows them, and which credentials its document takes.

const RESERVED = ["anonymous", "unauthorized", "forbidden", "throttled", "broken", "slow", "default"];

export function isToken(account) {
  return /^token-[0-9a-f]{16}$/.test(account);
}

// What a client of the document can send, as the server's health says it.
export async function wanted(api) {
  const { credentials } = await api.get("health").catch(() => ({}));
  return credentials ?? [{ in: "header", name: "Authorization", scheme: "Basic", holds: "pair" }];
}

// The account that is meant by what somebody has entered, a token where the document asks for one: its name, so
// that no URL of the page holds the token. Browsers compute digests on this machine or over TLS alone.
export async function accountOf(text, api) {
  if (isToken(text) || RESERVED.includes(text) || !globalThis.crypto?.subtle) return text;
  if ((await wanted(api)).some(({ holds }) => holds === "pair")) return text;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `token-${[...digest.slice(0, 8)].map((octet) => octet.toString(16).padStart(2, "0")).join("")}`;
}
