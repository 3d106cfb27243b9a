import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const session = fileURLToPath(new URL("../../../dist/cli/io.js", import.meta.url));

/** A command that is in the middle of something: it looks at the signal, or never does. */
async function interrupted(looks: boolean, signals: readonly NodeJS.Signals[]) {
  const directory = await mkdtemp(join(tmpdir(), "cutover-signal-"));
  try {
    const program = join(directory, "program.mjs");
    await writeFile(
      program,
      `import { openSession } from ${JSON.stringify(session)};
       const global = { json: false, verbose: false, yes: false };
       const { io } = await openSession(global, () => process.exit(0));
       const wanted = ${signals.length};
       let seen = 0;
       if (${looks}) {
         io.signal.addEventListener("abort", () => io.print("aborted " + io.signal.reason.message));
         process.on("SIGINT", () => ++seen === wanted && setTimeout(() => process.exit(6), 50));
       }
       io.print("ready");
       setInterval(() => {}, 1000);`,
    );
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    let sent = 0;
    const sendNext = (): void => {
      const next = signals[sent];
      if (next !== undefined && err.split("SIGINT").length - 1 === sent) {
        sent += 1;
        child.kill(next);
      }
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      sendNext();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
      sendNext();
    });
    return await new Promise<{ code: number | null; signal: string | null; out: string; err: string }>(
      (resolve) => child.on("close", (code, signal) => resolve({ code, signal, out, err })),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test("the first signal aborts, the second stops after the present step, more only say so", async () => {
  const { code, out, err } = await interrupted(true, ["SIGINT", "SIGINT", "SIGINT"]);
  expect(code).toBe(6);
  expect(out).toBe("ready\naborted SIGINT\n");
  expect(err.trimEnd().split("\n")).toEqual([
    "SIGINT: finishing the step under way, then stopping safely.",
    "SIGINT: stopping as soon as the present step is done; resume or abort goes on from there.",
    "SIGINT: still finishing the step that must not be cut in half.",
  ]);
});

test("a command that never looks at the signal ends by it, as any program", async () => {
  expect(await interrupted(false, ["SIGINT"])).toMatchObject({ code: null, signal: "SIGINT" });
});
