// Read by tsc alone: what a suite in TypeScript may write, and what is refused.

import { test as nodeTest } from "node:test";

import { AssertionFailed, Sandbox, type Fault, type Report, type Request, type Walk } from "openapi-sandbox";
import { withOptions } from "openapi-sandbox/global-setup";
import { mockAccount as jestAccount } from "openapi-sandbox/jest";
import { mockAccount } from "openapi-sandbox/node-test";
import { mockAccount as vitestAccount } from "openapi-sandbox/vitest";
import { test as vitestTest } from "vitest";

nodeTest("node", async (t) => {
  const account: Sandbox = await mockAccount(t, { unfired: "allow", failOn: ["violations"] });
  const id: string = await account.fail([{ status: 503, headers: { "Retry-After": "1" } }, { cut: "reset" }, "pass"], {
    operation: "getUsageMetrics",
    page: 2,
    query: { limit: 40, eventType: ["a", "b"] },
    repeat: "forever",
  });
  const faults: Fault[] = await account.faults();
  const requests: Request[] = await account.requests({ status: 503 });
  const walks: Walk[] = await account.walks();
  const report: Report = await account.report({ account: "*", failOn: "violations,warnings", failUnder: 80 });
  console.log(id, faults[0]?.remaining, requests[0]?.violations[0]?.code, walks[0]?.pages, report.coverage.percent);

  // @ts-expect-error there is no such step
  await account.fail({ cut: "off" });
  // @ts-expect-error there is no such option
  await account.assertCalled({ time: 1 });
  // @ts-expect-error accounts are opened
  new Sandbox("http://127.0.0.1:8080", "a", "b");
});

vitestTest("vitest", async (t) => {
  const account = await vitestAccount(t);
  await account.assertWalked({ complete: true, repeats: null });
});

export const fixture = vitestTest.extend<{ account: Sandbox }>({
  account: async ({ task, onTestFinished }, use) => use(await vitestAccount({ task, onTestFinished })),
});

export async function jest(): Promise<string> {
  const account = await jestAccount({ failOn: "none" });
  return new AssertionFailed(account.baseUrl).message;
}

export default withOptions({ failOn: "violations", failUnder: 60, report: true });
