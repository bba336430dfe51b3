export default { test: { include: ["**/vitest.fixture.js"], globalSetup: "openapi-sandbox/global-setup" } };
