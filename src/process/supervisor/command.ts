import { fileURLToPath } from "node:url";
import type { ServiceSpec } from "../../plan/spec.ts";
import { chooseHandover } from "../handover-choice.ts";

const relay = fileURLToPath(new URL("../relay/main.js", import.meta.url));

/** What an instance runs: the program itself, or the relay in front of one that only opens a port of its own. */
export function commandOf(spec: ServiceSpec, cwd: string, port: number | null): string | readonly string[] {
  const handover = spec.handover === "auto" ? chooseHandover(spec.run, cwd, spec.env["PATH"]) : spec.handover;
  if (port === null || handover === "preload") return spec.run;
  const flags = ["--port", String(port), ...(spec.host === undefined ? [] : ["--host", spec.host])];
  if (spec.health.kind === "tcp") flags.push("--tcp");
  const program = typeof spec.run === "string" ? ["--shell", spec.run] : ["--", ...spec.run];
  return [process.execPath, relay, ...flags, ...program];
}
