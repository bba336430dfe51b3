import { withOptions } from "openapi-sandbox/global-setup";

export default withOptions({ failUnder: 99 });
