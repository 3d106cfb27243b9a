import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type ExpectStatic } from "vitest";
import { dependency, fixturesDirectory, nodeOf } from "../fixtures.ts";
import { lastVersions, losses, noLosses, reloadUnderLoad, type Trial } from "./reloads.ts";

const cwd = fixturesDirectory();
const programs: Readonly<Record<string, readonly string[]>> = {
  "plain http": ["http.cjs"],
  "Express 5": ["express.cjs"],
  "Fastify 5": ["fastify.cjs"],
  Koa: ["koa.cjs"],
  "NestJS 11": ["nest/main.js"],
  "Next.js 16": [dependency("next/dist/bin/next"), "start"],
};
/** 20 in a row on the oldest Node; `npm run bench -- matrix` does 20 on each. */
const versions = [
  [20, 20],
  [22, 3],
  [24, 3],
] as const;
const slow = {
  kind: "requests",
  name: "400 ms",
  path: "/slow?ms=400",
  connection: "keep-alive",
  connections: 10,
  loop: { kind: "open", ratePerSecond: 10 },
} as const;

async function expectNoLoss(trial: Trial, expect: ExpectStatic): Promise<void> {
  const result = await reloadUnderLoad(trial);
  expect(losses(result)).toEqual(noLosses);
  expect(lastVersions(result)).toEqual([`v${trial.reloads}`]);
  expect(result.forced).toBe(0);
}

describe
  .runIf(existsSync(cwd))
  .concurrent("reloads in a row under kept and fresh connections lose nothing", () => {
    for (const [major, reloads] of versions) {
      for (const [name, run] of Object.entries(programs)) {
        test(`Node ${major}, ${reloads} reloads: ${name}`, async ({ expect }) => {
          const directory = name.startsWith("Next") ? join(cwd, "next") : cwd;
          await expectNoLoss(
            { run: [nodeOf(major), ...run], cwd: directory, reloads, lanes: [slow] },
            expect,
          );
        });
      }
    }

    test("two instances of plain http, 10 reloads", async ({ expect }) => {
      const run = [nodeOf(22), "http.cjs"];
      await expectNoLoss({ run, cwd, reloads: 10, lanes: [slow], more: { instances: 2 } }, expect);
    });
  });

const python = "/usr/bin/python3";
const pythons = [
  {
    name: "gunicorn",
    file: "/usr/bin/gunicorn",
    run: `exec ${python} /usr/bin/gunicorn --bind 127.0.0.1:$PORT --workers 2 wsgi:app`,
  },
  {
    name: "uvicorn",
    file: "/usr/lib/python3/dist-packages/uvicorn/main.py",
    run: `exec ${python} -m uvicorn --port $PORT asgi:app`,
  },
];

describe.runIf(existsSync(cwd)).concurrent("programs in another language", () => {
  for (const { name, file, run } of pythons) {
    test.skipIf(!existsSync(file))(`${name}, 20 reloads`, async ({ expect }) => {
      const trial = { run: ["/bin/sh", "-c", run], cwd, reloads: 20 };
      await expectNoLoss(trial, expect);
    });
  }
});
