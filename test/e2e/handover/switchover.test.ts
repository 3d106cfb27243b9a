import { expect, test } from "vitest";
import { startLoad } from "./client.ts";
import { openPort, startInstance } from "./instance.ts";

test("twenty switchovers under keep-alive and fresh connections lose nothing", async () => {
  const port = openPort();
  const start = (version: number): ReturnType<typeof startInstance> =>
    startInstance([port], {
      run: "node http.cjs",
      env: { VERSION: String(version), KEEP_ALIVE_MS: "300" },
    });
  let live = start(0);
  await live.ask({ do: "open" });
  const load = startLoad(port.port, { keepAlive: 16, fresh: 4 });
  for (let version = 1; version <= 20; version += 1) {
    const next = start(version);
    await next.claimed();
    await next.ask({ do: "open" });
    await live.ask({ do: "drain", deadlineMs: 10_000 });
    await live.drained();
    live.child.kill("SIGTERM");
    expect(await live.exited()).toBe(0);
    live = next;
  }
  const tally = await load.stop();
  expect(tally.lost).toEqual([]);
  expect(tally.answered).toBe(tally.sent);
  expect(tally.bodies.size).toBe(21);
});
