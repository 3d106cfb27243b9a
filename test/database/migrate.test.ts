import { expect, test } from "vitest";
import { type RunCommand, migrate } from "../../src/database/migrate.ts";
import { problemOf } from "../release/scratch.ts";

const spec = { run: "npx prisma migrate deploy", timeoutMs: 60_000 };
const input = {
  host: "here",
  cwd: "/srv/shop/releases/1",
  env: { DATABASE_URL: "x" },
  emit: () => undefined,
};

function ending(why: "exit" | "deadline" | "abort", code: number): RunCommand {
  return () => Promise.resolve({ why, code, lines: ["P3009"] });
}

test("a migration runs once, in the new release with its env, and its lines are told", async () => {
  const seen: unknown[] = [];
  const run: RunCommand = (command) => {
    seen.push([command.line, command.cwd, command.env, command.timeoutMs]);
    command.onLine("applied 1");
    return Promise.resolve({ why: "exit", code: 0, lines: [] });
  };
  await migrate(spec, { ...input, emit: (event) => void seen.push(event) }, run);
  expect(seen).toEqual([
    [spec.run, input.cwd, input.env, spec.timeoutMs],
    { event: "output", host: "here", source: "migrate", line: "applied 1" },
  ]);
});

test.each([
  ["exit", 1, "failed with exit code 1"],
  ["deadline", 143, "ran past its deadline of 60 s"],
  ["abort", 143, "was interrupted"],
] as const)("one that ends by %s stops the deployment before the switch", async (why, code, said) => {
  const problem = await problemOf(migrate(spec, input, ending(why, code)));
  expect(problem).toMatchObject({ code: "MIGRATE_FAILED", exit: 4, evidence: ["P3009"] });
  expect(problem.what).toContain(said);
});
