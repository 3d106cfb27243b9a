import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Lane } from "../../../src/proof/load.ts";
import { losses, noLosses, lastVersions, reloadUnderLoad } from "../matrix/reloads.ts";

const cwd = join(import.meta.dirname, "../../fixtures/relay");

const lanes: readonly Lane[] = [
  {
    kind: "requests",
    name: "1 s",
    path: "/slow",
    connection: "keep-alive",
    connections: 5,
    loop: { kind: "open", ratePerSecond: 5 },
  },
  {
    kind: "requests",
    name: "uploads",
    path: "/upload",
    connection: "fresh",
    loop: { kind: "open", ratePerSecond: 3 },
    uploadBytes: 1_000_000,
    uploadMs: 700,
    expect: { body: "1000000" },
  },
  {
    kind: "requests",
    name: "small posts",
    path: "/post",
    connection: "keep-alive",
    connections: 5,
    loop: { kind: "open", ratePerSecond: 20 },
    uploadBytes: 100,
    uploadMs: 0,
  },
];

const programs = [
  {
    name: "gunicorn with threads",
    file: "/usr/bin/gunicorn",
    run: "exec /usr/bin/python3 /usr/bin/gunicorn --bind 127.0.0.1:$PORT --threads 30 wsgi:app",
  },
  {
    name: "uvicorn",
    file: "/usr/lib/python3/dist-packages/uvicorn/main.py",
    run: "exec /usr/bin/python3 -m uvicorn --port $PORT asgi:app",
  },
  {
    name: "the JDK's own server",
    file: "/usr/bin/java",
    run: "exec java Server.java",
  },
];

describe("reloads behind the relay lose no slow request, no upload and no small POST", () => {
  for (const { name, file, run } of programs) {
    test.skipIf(!existsSync(file))(`${name}, 5 reloads`, async () => {
      const trial = { run: ["/bin/sh", "-c", run], cwd, reloads: 5, lanes };
      const result = await reloadUnderLoad(trial);
      expect(losses(result)).toEqual(noLosses);
      expect(lastVersions(result)).toEqual(["v5"]);
      expect(result.forced).toBe(0);
      expect(result.proof.lanes.every((lane) => lane.answered > 20)).toBe(true);
    });
  }
});
