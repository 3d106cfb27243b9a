import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Homes whose supervisor runs, one file each, so that a test that was cut off leaves no daemon behind. */
const variable = "CUTOVER_TEST_HOMES";
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export function noteHome(home: string): void {
  const list = process.env[variable];
  if (list !== undefined) writeFileSync(noteOf(list, home), home);
}

export function forgetHome(home: string): void {
  const list = process.env[variable];
  if (list !== undefined) rmSync(noteOf(list, home), { force: true });
}

/** Starts the list; the returned function ends what is still on it. */
export function watchHomes(): () => void {
  const list = mkdtempSync(join(tmpdir(), "cutover-homes-"));
  process.env[variable] = list;
  return () => {
    for (const name of readdirSync(list)) {
      const home = readFileSync(join(list, name), "utf8");
      const env = { ...process.env, CUTOVER_HOME: home };
      if (existsSync(home)) spawnSync(process.execPath, [main, "kill", "--yes"], { env, timeout: 60_000 });
      rmSync(dirname(home), { recursive: true, force: true });
    }
    rmSync(list, { recursive: true });
  };
}

function noteOf(list: string, home: string): string {
  return join(list, basename(dirname(home)));
}
