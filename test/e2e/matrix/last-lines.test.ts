import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { freePort, until } from "../bare.ts";
import { fixturesDirectory } from "../fixtures.ts";
import { openHost, serviceSpec } from "../host.ts";

const cwd = fixturesDirectory();
const lines = 5000;

/** PM2 7 keeps 2,286 of them, in cluster mode one. */
test.skipIf(!existsSync(cwd))("5,000 lines printed just before an exit are all in the log", async () => {
  const host = await openHost();
  try {
    const env = { EXIT_AFTER_LINES: String(lines), EXIT_AFTER_MS: "500" };
    const restart = { auto: false, maxInRow: 1, firstDelayMs: 100, maxDelayMs: 100 };
    const spec = serviceSpec(host, {
      run: [process.execPath, "http.cjs"],
      cwd,
      port: await freePort(),
      env,
      restart,
    });
    await host.start(spec);
    const logFile = (await host.service("app/web")).instances[0]?.logFile ?? "";
    await until("the program has ended", async () => {
      const { instances } = await host.service("app/web");
      return instances.every(({ state }) => state !== "open");
    });
    const printed = readFileSync(logFile, "utf8").split("\n");
    const kept = printed.filter((line) => /last line \d+$/.test(line));
    expect(kept).toHaveLength(lines);
    expect(kept.at(-1)).toMatch(/last line 4999$/);
  } finally {
    await host.close();
  }
});
