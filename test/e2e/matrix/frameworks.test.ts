import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type ExpectStatic } from "vitest";
import { dependency, fixturesDirectory, nodeOf } from "../fixtures.ts";
import { circumstances, lastVersions, losses, noLosses, reloadUnderLoad, type Trial } from "./reloads.ts";

const cwd = fixturesDirectory();
interface Program {
  readonly run: readonly string[];
  readonly cwd: string;
  readonly ratePerSecond: number;
}

/** They run side by side, those that take longest first. */
const timeout = 300_000;
const light = { cwd, ratePerSecond: 120 };
const programs: Readonly<Record<string, Program>> = {
  // A cold Next.js needs its core for seconds: a higher rate would measure overload, not the reload.
  "Next.js 16": {
    run: [dependency("next/dist/bin/next"), "start"],
    cwd: join(cwd, "next"),
    ratePerSecond: 40,
  },
  "plain http": { ...light, run: ["http.cjs"] },
  "Express 5": { ...light, run: ["express.cjs"] },
  "Fastify 5": { ...light, run: ["fastify.cjs"] },
  Koa: { ...light, run: ["koa.cjs"] },
  "NestJS 11": { ...light, run: ["nest/main.js"] },
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
  expect(losses(result), circumstances(result)).toEqual(noLosses);
  expect(lastVersions(result)).toEqual([`v${trial.reloads}`]);
  expect(result.forced).toBe(0);
}

const python = "/usr/bin/python3";
const pythons = [
  {
    name: "gunicorn",
    reloads: 20,
    file: "/usr/bin/gunicorn",
    run: `exec ${python} /usr/bin/gunicorn --bind 127.0.0.1:$PORT --workers 2 wsgi:app`,
  },
  {
    name: "uvicorn",
    reloads: 5,
    file: "/usr/lib/python3/dist-packages/uvicorn/main.py",
    run: `exec ${python} -m uvicorn --port $PORT asgi:app`,
  },
];

describe.runIf(existsSync(cwd)).concurrent("programs in another language", { timeout }, () => {
  for (const { name, file, run, reloads } of pythons) {
    test.skipIf(!existsSync(file))(`${name}, ${reloads} reloads`, async ({ expect }) => {
      const trial = { run: ["/bin/sh", "-c", run], cwd, reloads };
      await expectNoLoss(trial, expect);
    });
  }
});

describe
  .runIf(existsSync(cwd))
  .concurrent("reloads in a row under kept and fresh connections lose nothing", { timeout }, () => {
    for (const [major, reloads] of versions) {
      for (const [name, program] of Object.entries(programs)) {
        test(`Node ${major}, ${reloads} reloads: ${name}`, async ({ expect }) => {
          const trial = { ...program, run: [nodeOf(major), ...program.run], reloads, lanes: [slow] };
          await expectNoLoss(trial, expect);
        });
      }
    }

    test("two instances of plain http, 10 reloads", async ({ expect }) => {
      const run = [nodeOf(22), "http.cjs"];
      await expectNoLoss({ run, cwd, reloads: 10, lanes: [slow], more: { instances: 2 } }, expect);
    });
  });
