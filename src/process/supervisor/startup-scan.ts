import type { ServiceSpec } from "../../plan/spec.ts";
import type { Instance, Service } from "./life.ts";
import { readFrom } from "./log-tail.ts";

export interface StartupScan {
  /** Log lines that matched a fatal pattern. */
  readonly findings: readonly string[];
  /** Reads what was logged since the last call. */
  read(): void;
}

const mostFindings = 20;

/** Looks for the spec's fatal patterns in what an instance logs before it takes traffic; each match is an event. */
export function startupScan(service: Service, instance: Instance, spec: ServiceSpec): StartupScan {
  const patterns = spec.fatal.map((source) => new RegExp(source));
  const findings: string[] = [];
  let offset = instance.record.logOffset;
  let rest = "";
  function look(line: string): void {
    if (findings.length >= mostFindings || !patterns.some((pattern) => pattern.test(line))) return;
    findings.push(line);
    const { id } = instance.record;
    service.world.emit({ event: "finding", key: service.key, instance: id, line, at: Date.now() });
  }
  function read(): void {
    if (patterns.length === 0) return;
    const { text, end } = readFrom(instance.record.logFile, offset);
    offset = end;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(look);
    if (instance.exit !== null && rest !== "") look(rest);
  }
  return { findings, read };
}
