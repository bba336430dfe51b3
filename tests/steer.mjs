// Steers an account of the server that MOCK_SERVER_URL names, with nothing but fetch: exits 1 if anything is off.

const url = process.env.MOCK_SERVER_URL;
const headers = { Authorization: `Basic ${btoa("node:secret")}` };

async function control(method, path, body) {
  const typed = body === undefined ? headers : { ...headers, "Content-Type": "application/json" };
  const response = await fetch(`${url}/_mock${path}`, { method, headers: typed, body: JSON.stringify(body) });
  check(response.ok, `${method} ${path} was answered with ${response.status}`);
  return response.status === 204 ? null : response.json();
}

function check(holds, what) {
  if (!holds) {
    console.error(what);
    process.exit(1);
  }
}

// The code under test.
async function page(query) {
  for (let left = 3; ; left -= 1) {
    const response = await fetch(`${url}/api/usage-metrics?${query}`, { headers });
    if (response.ok) return response.json();
    const retried = response.status === 503 && response.headers.get("Retry-After") === "0";
    check(retried && left > 0, `a page was answered with ${response.status}`);
  }
}

async function everything() {
  const query = new URLSearchParams({ limit: "30" });
  const seen = [];
  for (;;) {
    const { items, pagination } = await page(query);
    seen.push(...items.map((item) => item.id));
    if (pagination.after === undefined) return seen;
    query.set("after", pagination.after);
  }
}

await control("POST", "/reset");
const unavailable = { status: 503, headers: { "Retry-After": "0" } };
const fault = await control("POST", "/faults", { script: [unavailable, unavailable] });
check(fault.remaining === 2 && !fault.spent, "a new fault has fired");

const seen = await everything();
check(seen.length === 100 && new Set(seen).size === 100, `${seen.length} metrics came`);

const journal = await control("GET", "/requests");
const statuses = journal.items.map((entry) => entry.status).join();
check(statuses === "503,503,200,200,200,200", `the journal has ${statuses}`);
check(journal.recorded === 6 && journal.dropped === 0, "the journal does not count right");
check(journal.items[0].headers.authorization === "Basic [redacted]", "the credentials are shown");

const walks = (await control("GET", "/walks")).items;
check(walks.length === 1, `${walks.length} walks`);
const [walk] = walks;
check(walk.complete && walk.repeatedCursors === 0, "the walk is not complete, or repeats");
check(walk.pages === 4 && walk.items === 100, `${walk.items} items on ${walk.pages} pages`);

const faults = (await control("GET", "/faults")).items;
check(faults.length === 1 && faults[0].id === fault.id, "the fault is not there any more");
check(faults[0].spent && faults[0].fired === 2, "the fault is not spent");
