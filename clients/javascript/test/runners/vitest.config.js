const globalSetup = process.env.JUDGED ? "test/runners/judged-setup.js" : "openapi-sandbox/global-setup";

export default { test: { include: ["**/vitest.fixture.js"], globalSetup } };
