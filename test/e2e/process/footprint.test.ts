import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, until } from "../bare.ts";
import { httpHealth, processesOf, spec, supervised, type Supervised } from "./supervised.ts";

const reloads = 100;
const budgetBytes = 60 * 1024 * 1024;

let s: Supervised;
beforeAll(async () => {
  s = await supervised();
});
afterAll(async () => {
  await s.end();
});

it("keeps its descriptors, its processes and its memory over a hundred reloads and with ten instances", async () => {
  const port = await freePort();
  const health = httpHealth({ healthyAfter: 1, minUptimeMs: 0 });
  await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, health }));
  await s.client.reload("shop/web");
  const before = { ...(await s.client.ping()), processes: processesOf(s.directory).length };
  for (let round = 0; round < reloads; round += 1) await s.client.reload("shop/web");
  const after = await s.client.ping();
  console.log(
    `descriptors ${before.descriptors} -> ${after.descriptors}, rss ${before.rssBytes} -> ${after.rssBytes}`,
  );
  expect(after.descriptors).toBe(before.descriptors);
  await until("no process is left over", () => processesOf(s.directory).length === before.processes);

  await s.client.start("shop/web", spec({ cwd: s.release("v1", {}), port, health, instances: 10 }));
  // It gives back what its busiest minute took.
  await until("it is within its budget", async () => (await s.client.ping()).rssBytes < budgetBytes, 45_000);
  console.log(`rss with ten instances: ${(await s.client.ping()).rssBytes}`);
});
