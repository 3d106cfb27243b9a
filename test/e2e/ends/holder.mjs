// Holds the lock of the app at a path on this machine until it is killed.
import { openLocalEnd } from "../../../dist/fleet/local-end.js";

const [path] = process.argv.slice(2);
const migrate = () => Promise.resolve();
const end = await openLocalEnd({
  name: "web1",
  app: "shop",
  path,
  access: "write",
  env: process.env,
  version: "0",
  migrate,
});
await end.holdLock({ operator: "me", pid: process.pid, doing: "a test", since: Date.now() });
console.log("held");
setInterval(() => undefined, 1000);
