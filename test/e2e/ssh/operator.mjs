// An operator that holds the lock of an app on a server and asks it something twice a second, until that fails.
import { connectServer } from "../../../dist/fleet/ssh/connect.js";

const [server, path] = process.argv.slice(2);
const connection = await connectServer(server, { env: process.env });
const end = await connection.openHost({ app: "shop", path, access: "write" });
await end.holdLock({ operator: "me", pid: process.pid, doing: "a test", since: Date.now() });
console.log("held");
try {
  for (;;) {
    await end.lockState();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
} catch (error) {
  console.log(error.detail.code);
}
