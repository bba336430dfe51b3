export default {
  rootDir: "../..",
  testMatch: ["**/jest.fixture.js"],
  transform: {},
  globalSetup: "openapi-sandbox/global-setup",
  globalTeardown: "openapi-sandbox/global-teardown",
};
