import type { ServiceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import type { ExitReport } from "../protocol.ts";
import type { Attempt } from "./attempt.ts";
import type { Instance, Service } from "./life.ts";
import { lastLines, readFrom } from "./log-tail.ts";
import { mainPort } from "./ports.ts";
import type { StartupScan } from "./startup-scan.ts";

export interface Failure {
  readonly service: Service;
  readonly instance: Instance;
  readonly spec: ServiceSpec;
  readonly answers: readonly Attempt[];
  readonly scan: StartupScan;
}

const linesShown = 50;

/** Why an instance did not become ready, as the operator reads it. */
export function failureOf(failure: Failure): Problem {
  const { instance, service, spec, answers, scan } = failure;
  const { code, what } = instance.exit === null ? unready(failure) : ended(service, instance, instance.exit);
  const findings = scan.findings.map((line) => `fatal in the log: ${line}`);
  const isNews = (one: Attempt): boolean => instance.exit === null || one.code !== "NEVER_LISTENED";
  const probes = answers.filter(isNews).map((one) => `probe: ${one.said}`);
  return new Problem({
    code,
    what,
    why: findings[0] ?? reasonOf(failure),
    fix: `Read its last lines above, correct the release, and try again. The whole log: ${instance.record.logFile}`,
    evidence: [...findings, ...probes, ...logOf(instance, spec)],
    exit: exits.failedOldServes,
  });
}

/** An ended program's own word, else the last answer that was not as wanted. */
function reasonOf({ instance, spec, answers }: Failure): string | undefined {
  const said = answers.findLast((one) => !one.ok)?.said;
  if (instance.exit === null) return said;
  return logOf(instance, spec).find((line) => /^(\w*(Error|Exception)\b|error:|fatal:)/i.test(line));
}

/** Last lines an instance logged; those of its slot's neighbour may be among them. */
function logOf(instance: Instance, spec: ServiceSpec): readonly string[] {
  const { logFile, logOffset } = instance.record;
  const lines = lastLines(readFrom(logFile, logOffset).text, linesShown);
  return lines.length > 0 ? lines : [`(${spec.name} logged nothing)`];
}

function exitText(exit: ExitReport): string {
  if (exit.signal !== null) return `was killed by ${exit.signal}`;
  return exit.code === null ? "ended" : `exited with code ${String(exit.code)}`;
}

function ended(service: Service, instance: Instance, exit: ExitReport): { code: string; what: string } {
  const seconds = ((exit.at - instance.record.startedAt) / 1000).toFixed(1);
  const what = `Instance ${String(instance.record.slot)} of ${service.key} (release ${instance.record.release}) ${exitText(exit)}, ${seconds} s after its start, before it was ready.`;
  return { code: "INSTANCE_EXITED", what };
}

function unready(failure: Failure): { code: string; what: string } {
  const { instance, service, spec, answers } = failure;
  const code = answers.findLast((one) => !one.ok)?.code ?? "HEALTH_TIMEOUT";
  const seconds = String(spec.bootMs / 1000);
  const port = String(mainPort(service, spec) ?? "");
  const failing = code === "NEVER_LISTENED" ? `did not listen on port ${port}` : "did not become healthy";
  const what = `Instance ${String(instance.record.slot)} of ${service.key} (release ${instance.record.release}) ${failing} within ${seconds} s.`;
  return { code, what };
}

/** Why a service counts as crash-looping or ended. */
export function crashOf(service: Service, instance: Instance, inRow: number): Problem {
  const spec = service.record.specs[instance.record.release];
  const how = instance.exit === null ? "did not become healthy" : exitText(instance.exit);
  const times = inRow > 1 ? `, ${String(inRow)} times in a row` : "";
  return new Problem({
    code: inRow > 1 ? "CRASH_LOOP" : "INSTANCE_EXITED",
    what: `Instance ${String(instance.record.slot)} of ${service.key} (release ${instance.record.release}) ${how}${times}.`,
    fix: `Read its last lines above, correct the program, and reload. The whole log: ${instance.record.logFile}`,
    state:
      spec?.restart.auto === true ? "cutover goes on starting it, with pauses." : "It is not started again.",
    evidence: spec === undefined ? [] : logOf(instance, spec),
  });
}
