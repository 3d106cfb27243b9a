import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ReleaseSpec } from "../../../src/plan/spec.ts";
import { runHook } from "../../../src/release/hooks.ts";
import { type Place, openPlace, releasePath } from "../../../src/release/place.ts";
import { readRecord } from "../../../src/release/record.ts";
import { problemOf, scratch } from "../../release/scratch.ts";
import { isRunning, runModule, until } from "./child.ts";
import { specOf, stage, write } from "./source-tree.ts";

async function bed(
  run: readonly string[],
  timeoutMs = 30_000,
): Promise<{ place: Place; spec: ReleaseSpec; root: string }> {
  const root = scratch();
  const source = write(join(root, "app"), { "a.js": "1" });
  const build = { run, where: "server", cache: {}, timeoutMs } as const;
  return { root, place: await openPlace(join(root, "place")), spec: specOf(source, { build }) };
}

describe("a build", () => {
  test("runs in the release with the documented variables, its own env and the caller's", async () => {
    const { place, spec } = await bed(["env; pwd"]);
    process.env["FROM_CALLER"] = "yes";
    process.env["npm_lifecycle_event"] = "deploy";
    const { id, output } = await stage(place, spec, {
      previous: "20250101000000",
      revision: "ignored",
      stage: "staging",
      variables: { FROM_RELEASE: "yes", NODE_ENV: "production" },
    });
    delete process.env["FROM_CALLER"];
    delete process.env["npm_lifecycle_event"];
    for (const line of [
      "CUTOVER_APP=shop",
      `CUTOVER_RELEASE=${id}`,
      "CUTOVER_PREVIOUS=20250101000000",
      "CUTOVER_STAGE=staging",
      `CUTOVER_PATH=${place.path}`,
      "CUTOVER_HOST=here",
      "FROM_CALLER=yes",
      "FROM_RELEASE=yes",
      "NODE_ENV=production",
      realpathSync(releasePath(place, id)),
    ]) {
      expect(output).toContain(line);
    }
    expect(output.join("\n")).toMatch(/^CUTOVER_REVISION=[0-9a-f]{40}$/m);
    expect(output.join("\n")).not.toContain("npm_lifecycle_event");
  });

  test("tells its lines while it runs", async () => {
    const { place, spec, root } = await bed([
      'echo first; until [ -e "$MARK" ]; do sleep 0.05; done; echo second',
    ]);
    const mark = join(root, "mark");
    const lines: string[] = [];
    const work = stage(place, spec, {
      variables: { MARK: mark },
      emit: (event) => event.event === "output" && lines.push(event.line),
    });
    await until(() => lines.includes("first"));
    expect(lines).not.toContain("second");
    write(root, { mark: "" });
    await work;
    expect(lines).toContain("second");
  });

  test("that fails says where, how and with what last words, and leaves its tree to be inspected", async () => {
    const { place, spec } = await bed([
      "echo one",
      "for i in $(seq 100); do echo line $i; done; echo bad >&2; exit 3",
      "echo never",
    ]);
    const lines: string[] = [];
    const emit = (event: { event: string; line?: string }): void => void lines.push(event.line ?? "");
    const problem = await problemOf(
      stage(place, spec, { id: "20261121100001", previous: "20261121100000", emit }),
    );
    expect(problem).toMatchObject({ code: "BUILD_FAILED", exit: 4 });
    expect(problem.what).toContain("failed with exit code 3");
    expect(problem.evidence).toHaveLength(50);
    expect(problem.evidence).toContain("bad");
    expect(problem.state).toBe("Release 20261121100000 still serves; nothing was switched.");
    expect(lines).not.toContain("never");
    expect(existsSync(join(releasePath(place, "20261121100001"), "a.js"))).toBe(true);
    expect((await readRecord(place, "20261121100001"))?.state).toBe("failed");
  });

  test.each([
    ["no-such-command", "was not found (exit code 127)"],
    ["kill -KILL $$", "was killed (SIGKILL)"],
    ["kill -SEGV $$", "was ended by signal 11"],
  ])("%s %s", async (line, said) => {
    const { place, spec } = await bed([line]);
    expect((await problemOf(stage(place, spec))).what).toContain(said);
  });

  test("past its deadline is ended with everything it started", async () => {
    const { place, spec, root } = await bed(
      [`sh -c 'trap "" TERM; echo $$ > "$PIDS"; sleep 600' & wait`],
      500,
    );
    const pids = join(root, "pids");
    const problem = await problemOf(stage(place, spec, { variables: { PIDS: pids } }));
    expect(problem.what).toContain("ran past its deadline of 500 ms");
    await until(() => !isRunning(Number(readFileSync(pids, "utf8"))));
  });

  test("is ended when the operator interrupts", async () => {
    const { place, spec, root } = await bed(['echo $$ > "$PIDS"; sleep 600']);
    const pids = join(root, "pids");
    const abort = new AbortController();
    const work = problemOf(stage(place, spec, { variables: { PIDS: pids }, signal: abort.signal }));
    await until(() => existsSync(pids) && readFileSync(pids, "utf8") !== "");
    abort.abort();
    expect(await work).toMatchObject({ code: "STAGE_INTERRUPTED", exit: 4 });
    await until(() => !isRunning(Number(readFileSync(pids, "utf8"))));
  });

  test("does not outlive a cutover that was killed, and the next one begins afresh", async () => {
    const { place, spec, root } = await bed([
      '[ -e "$MARK" ] || { echo half > half; echo $$ > "$PIDS"; sleep 600; }',
    ]);
    const [pids, mark] = [join(root, "pids"), join(root, "mark")];
    const input = {
      id: "20261121100001",
      app: "shop",
      host: "here",
      spec,
      previous: null,
      variables: { PIDS: pids, MARK: mark },
    };
    const child = runModule(`
      const { openPlace } = await load("release/place.js");
      const { stageRelease } = await load("release/stage.js");
      const input = ${JSON.stringify(input)};
      await stageRelease(await openPlace(${JSON.stringify(place.path)}), { ...input, emit: () => {} });`);
    await until(() => existsSync(pids) && readFileSync(pids, "utf8") !== "");
    child.kill("SIGKILL");
    await until(() => !isRunning(Number(readFileSync(pids, "utf8"))));
    expect((await readRecord(place, input.id))?.state).toBe("staging");
    write(root, { mark: "" });
    await stage(place, spec, input);
    expect(existsSync(join(releasePath(place, input.id), "half"))).toBe(false);
    expect((await readRecord(place, input.id))?.state).toBe("staged");
  });

  test("that leaves a daemon with its output open is over all the same", async () => {
    const { place, spec, root } = await bed(['sleep 600 & echo $! > "$PIDS"; echo done']);
    const pids = join(root, "pids");
    const { output } = await stage(place, spec, { variables: { PIDS: pids } });
    expect(output).toContain("done");
    const daemon = Number(readFileSync(pids, "utf8"));
    expect(isRunning(daemon)).toBe(true);
    process.kill(daemon, "SIGKILL");
  });

  test("that reads its input finds none", async () => {
    const { place, spec } = await bed(["cat; echo end"]);
    expect((await stage(place, spec)).output).toContain("end");
  });
});

describe("a hook", () => {
  test("runs its commands in order until one fails", async () => {
    const { place, spec } = await bed([]);
    const { id } = await stage(place, spec);
    const lines: string[] = [];
    const hook = runHook(place, {
      app: "shop",
      id,
      previous: null,
      revision: "r",
      host: "here",
      variables: {},
      timeoutMs: 10_000,
      point: "before-switch",
      commands: ["echo $CUTOVER_RELEASE", "echo why; exit 7", "echo never"],
      emit: (event) => event.event === "output" && lines.push(`${event.source}: ${event.line}`),
    });
    expect(await problemOf(hook)).toMatchObject({ code: "HOOK_FAILED", evidence: ["why"] });
    expect(lines).toEqual([`hook before-switch: ${id}`, "hook before-switch: why"]);
  });
});
