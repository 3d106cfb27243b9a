import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];

/** Where a program is, or null. */
function programPath(name: string): string | null {
  return places.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null;
}

/** What a bed needs and this machine has not, in words; empty when a bed can be opened. */
export function missingForBed(programs: readonly string[]): readonly string[] {
  const needed = ["ip", "unshare", "nsenter", "bash", "ssh", "sshd", "ssh-keygen", ...programs];
  const missing = needed.filter((name) => programPath(name) === null).map((name) => `the program ${name}`);
  if (process.getuid?.() !== 0) return ["root", ...missing];
  const made = spawnSync("unshare", ["--net", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "true"]);
  return made.status === 0 ? missing : ["the right to make namespaces", ...missing];
}
