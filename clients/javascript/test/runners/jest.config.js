export default {
  rootDir: "../..",
  testMatch: ["**/jest.fixture.js"],
  transform: {},
  globalSetup: process.env.JUDGED ? "<rootDir>/test/runners/judged-setup.js" : "openapi-sandbox/global-setup",
  globalTeardown: "openapi-sandbox/global-teardown",
};
