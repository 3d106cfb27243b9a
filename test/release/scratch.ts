import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type ProblemDetail, isProblem } from "../../src/problem.ts";

/** A directory of this test alone, removed when it ends. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "cutover-release-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The problem that a call ends in; fails the test when it ends otherwise. */
export async function problemOf(work: Promise<unknown>): Promise<ProblemDetail> {
  const end: unknown = await work.then(
    () => "no problem",
    (error: unknown) => error,
  );
  if (isProblem(end)) return end.detail;
  throw new Error(`expected a problem, got ${String(end)}`, { cause: end });
}
