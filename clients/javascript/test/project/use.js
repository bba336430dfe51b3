import { Sandbox } from "openapi-sandbox";

const account = await Sandbox.open(process.env.MOCK_SERVER_URL ?? "", "packed", "secret");
await account.assertCalled({ times: 0 });
