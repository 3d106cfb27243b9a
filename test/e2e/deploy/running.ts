import { readdirSync, readFileSync } from "node:fs";

/** The arguments of every process, with spaces between them. */
export function commandLines(): readonly string[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return [readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim()];
    } catch {
      return [];
    }
  });
}

/** Whether a process with exactly these arguments runs. */
export function runs(line: string): boolean {
  return commandLines().includes(line);
}
