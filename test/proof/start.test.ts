import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
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

test("a prober that is ended in the middle of a word has told nothing, and nobody else hears of it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cutover-prober-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const main = join(directory, "main.cjs");
  const started = JSON.stringify({ report: "started" });
  writeFileSync(
    main,
    `process.stdout.write(${JSON.stringify(`${started}\n`)});
    process.stdin.on("data", (text) => {
      if (String(text).includes("stop")) process.stdout.write('{"report":"res', () => process.exit(0));
    });`,
  );
  const prober = await startProber(load, { main });
  await expect(prober.stop()).rejects.toThrow("the prober did not tell what it saw");
});
