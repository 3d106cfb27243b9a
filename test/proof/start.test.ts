import { expect, test } from "vitest";
import { startProber } from "../../src/proof/start.ts";

const load = { url: "http://127.0.0.1:1/", timeoutMs: 1000, lanes: [] };

test("a prober that cannot be spawned is told to whoever starts it, and to nobody else", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  await expect(startProber(load, { via: ["/there/is/no/such/program"] })).rejects.toThrow(/ENOENT/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});
