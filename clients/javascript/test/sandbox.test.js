// The client: what it does to an account, what it tells of it, and what it refuses.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, beforeEach, describe, test } from "node:test";
import { inspect } from "node:util";

import { OtherServer, Sandbox, SandboxError, TransportError, waitUntilHealthy } from "openapi-sandbox";

import { splitWords } from "../src/server-process.js";
import { getPage, retry } from "./fixtures/client.js";

const URL_OF_SERVER = process.env.MOCK_SERVER_URL;
const METRIC = {
  name: "m",
  metricType: "SIMPLE",
  eventType: "e",
  aggregationType: "COUNT",
  propertyFilters: {},
  parameters: [],
};

describe("an account", () => {
  let account;
  beforeEach(async (t) => {
    account = await Sandbox.open(`${URL_OF_SERVER}/`, `client-${t.name.replace(/[^a-z]+/g, "-")}`, "s3cret");
    await account.reset();
  });

  test("knows where it is, and shows no secret", () => {
    assert.equal(account.baseUrl, `${URL_OF_SERVER}/api`);
    assert.deepEqual(account.auth, { username: account.clientId, password: "s3cret" });
    assert.equal(atob(account.authorization.split(" ")[1]), `${account.clientId}:s3cret`);
    const shown = [inspect(account), String(account)];
    assert.ok(shown.every((text) => text.includes("#requests?account=client-") && !text.includes("s3cret")));
  });

  test("changes its data", async () => {
    await account.load([{ ...METRIC, name: "a" }]);
    await account.add([{ ...METRIC, name: "c" }], { collection: "usage-metrics" });
    assert.deepEqual((await account.records()).map(({ name }) => name), ["c", "a"]);
    await account.remove((await account.records())[0].id);
    await account.generate(3, { seed: 7 });
    assert.equal((await account.records()).length, 3);
    await assert.rejects(account.remove("a/b"), SandboxError);
    await account.reset();
    assert.equal((await account.records()).length, 100);
  });

  test("creates, changes and removes one record", async () => {
    const made = await account.create("usage-metrics", { ...METRIC, name: "mine" });
    assert.deepEqual((await account.records())[0], made);
    const changed = await account.update("usage-metrics", made.id, { name: "yours" });
    assert.deepEqual(changed, { ...made, name: "yours" });
    assert.deepEqual(await account.record("usage-metrics", made.id), changed);
    await account.remove(made.id, { collection: "usage-metrics" });
    await assert.rejects(account.record("usage-metrics", made.id), ({ status }) => status === 404);
    await assert.rejects(account.create("usage-metric", {}), /did you mean 'usage-metrics'/);
  });

  test("finds requests by their bodies", async () => {
    const headers = { authorization: account.authorization, "content-type": "application/json" };
    const url = `${account.baseUrl}/usage-metrics`;
    for (const name of ["a", "b"]) {
      await fetch(url, { method: "POST", headers, body: JSON.stringify({ name, tags: [1, { x: null }] }) });
    }
    const found = await account.requests({ body: { name: "b", tags: [1, {}] } });
    assert.deepEqual(found.map(({ body, change }) => [body.name, change]), [["b", null]]);
    await account.assertCalled({ times: 1, body: { name: "a" } });
    await assert.rejects(account.assertCalled({ body: { name: "c" } }), /with the body {"name": "c"}, but 0 came/);
  });

  test("has every mistake of a load in the error", async () => {
    const load = account.load([{ ...METRIC, eventTyp: "x" }, METRIC, { ...METRIC, name: 5 }]);
    await assert.rejects(load, (error) => {
      assert.ok(error instanceof SandboxError && error.status === 400);
      assert.match(error.message, /\/items\/0\/eventTyp: .*\n(.*\n)*.*\/items\/2\/name/);
      return true;
    });
  });

  test("scripts faults for some requests", async () => {
    const id = await account.fail([{ status: 503, delay: 0.01 }, "pass"], { query: { limit: 5 }, repeat: 2 });
    assert.equal((await getPage(account, "limit=6")).status, 200);
    assert.equal((await getPage(account, "limit=5")).status, 503);
    assert.deepEqual((await account.faults()).map(({ fired, remaining }) => [fired, remaining]), [[1, 3]]);
    await account.removeFault(id);
    await account.assertFaultsFired();
  });

  test("tells what came", async () => {
    await account.fail({ status: 503 });
    await retry(account);
    assert.deepEqual((await account.requests()).map(({ status }) => status), [503, 200]);
    assert.equal((await account.requests({ status: 503, limit: 1 })).length, 1);
    assert.equal((await account.walks()).length, 1);
    assert.equal((await account.report({ failOn: "violations" })).passed, true);
    assert.equal((await account.report({ failOn: ["violations"], failUnder: 99 })).passed, false);
    await account.assertCalled({ times: 2, operation: "getUsageMetrics", query: { limit: 5 } });
    await account.assertNoViolations({ warnings: true });
    await account.assertWalked({ complete: false });
    await account.clearRequests();
    assert.deepEqual(await account.requests(), []);
  });

  test("has a clock", async () => {
    await account.freeze(new Date("2026-01-01T00:00:00Z"));
    await account.advance(61);
    await account.add([METRIC]);
    assert.match((await account.records())[0].createdAt, /^2026-01-01T00:01:01/);
    await account.freeze("2027-01-01T00:00:00Z");
    await account.unfreeze();
  });

  test("refuses what it does not understand, with what there is", async () => {
    await assert.rejects(account.fail([]), /at least one step; a step is an object with a status/);
    await assert.rejects(account.fail("skip"), /"skip" is no step/);
    await assert.rejects(account.fail({ status: 503 }, { cut: "reset" }), /several in a list/);
    await assert.rejects(account.fail({ status: 503 }, { page: "empty-page" }), /'empty-page' is no number of a page/);
    await assert.rejects(account.fail({ status: 503 }, { pages: 3 }), /'pages' is no option; fail\(\) takes .* page,/);
    await assert.rejects(account.fail({ status: NaN }), /NaN can't be sent as JSON/);
    await assert.rejects(account.assertCalled({ time: 1 }), /'time' is no option/);
    await assert.rejects(account.assertCalled(1), /1 is no object/);
    await assert.rejects(account.generate(1, { sed: 1 }), /'sed' is no option/);
    await assert.rejects(account.assertCalled({ operation: "getUsageMetric" }), /did you mean 'getUsageMetrics'/);
  });

  test("goes on where the server has closed an idle connection", async () => {
    await account.walks();
    for (let left = 3; left > 0; left -= 1) await Promise.all([account.walks(), account.faults(), account.requests()]);
  });
});

describe("another server", () => {
  const servers = [];
  after(() => servers.forEach((server) => server.close()));

  async function serve(answer) {
    const server = createServer(answer).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    return `http://127.0.0.1:${server.address().port}`;
  }

  test("is told from a mock server", async () => {
    const page = await serve((_, response) => response.end("<html>"));
    await assert.rejects(Sandbox.open(page, "a", "b"), (error) => error instanceof OtherServer && /no JSON: '<html>'/.test(error));
    const other = await serve((_, response) => response.writeHead(404).end("not\nhere"));
    await assert.rejects(waitUntilHealthy(other, 5), /does not answer as a mock server: .* with 404: not here/);
  });

  test("is waited for", async () => {
    let left = 2;
    const health = JSON.stringify({ basePath: "/v1", records: {} });
    const late = await serve((_, response) => (left-- > 0 ? response.writeHead(503).end() : response.end(health)));
    assert.equal((await waitUntilHealthy(late, 5)).basePath, "/v1");
    await assert.rejects(waitUntilHealthy("http://127.0.0.1:1", 0.05), TransportError);
  });

  test("has a URL of its root", async () => {
    await assert.rejects(Sandbox.open(`${URL_OF_SERVER}/api`, "a", "b"), /'\/api' is behind the root of the mock server; give http:/);
    for (const wrong of ["", "127.0.0.1:8080", "ftp://x", "http://x?y"]) {
      await assert.rejects(Sandbox.open(wrong, "a", "b"), /is not the URL of a server, such as/);
    }
    await assert.rejects(Sandbox.open("http://id:hidden@x", "a", "b"), (error) => !error.message.includes("hidden"));
  });

  test("is called again where it has closed an idle connection", async () => {
    const health = JSON.stringify({ basePath: "/v1", records: {} });
    let sockets = new Set();
    const server = createServer((_, response) => response.end(health)).listen(0, "127.0.0.1");
    servers.push(server);
    server.on("connection", (socket) => sockets.add(socket));
    await new Promise((resolve) => server.once("listening", resolve));
    const account = await Sandbox.open(`http://127.0.0.1:${server.address().port}`, "a", "b");
    await account.walks();
    sockets.forEach((socket) => socket.resetAndDestroy());
    await account.walks();
  });
});

test("an account that is on another replica now is not judged", async () => {
  const answers = [{ epoch: undefined, replica: "a" }, { epoch: "1", replica: "b" }, { epoch: "2", replica: "c" }];
  const server = createServer((request, response) => {
    if (request.url === "/_mock/health") return response.end(JSON.stringify({ basePath: "/v1", records: {} }));
    assert.equal(request.headers["x-api-key"], "sk_test");
    const { epoch, replica } = answers.length > 1 ? answers.shift() : answers[0];
    if (epoch) response.setHeader("X-Mock-Account-Epoch", epoch);
    return response.setHeader("X-Mock-Replica", replica).end(JSON.stringify({ items: [], recorded: 0, dropped: 0 }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const account = await Sandbox.openToken(`http://127.0.0.1:${server.address().port}`, "sk_test");
  await account.walks();
  await account.walks();
  const moved = /is not the one that it was: it was on replica b and is now on c, which knows nothing of what came before/;
  await assert.rejects(account.assertCalled({ times: 0 }), moved);
  server.close();
});

test("a command is split as a shell does it", () => {
  assert.deepEqual(splitWords(`uvx --from 'openapi-sandbox[server]' "mock server" a\\ b x'y'"z" ''`), [
    "uvx", "--from", "openapi-sandbox[server]", "mock server", "a b", "xyz", "",
  ]);
  assert.throws(() => splitWords("mock-server 'x"), /without its partner/);
});
