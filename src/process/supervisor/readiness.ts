import type { ServiceSpec } from "../../plan/spec.ts";
import type { Problem } from "../../problem.ts";
import { attempt, type Attempt, type AttemptInput } from "./attempt.ts";
import { failureOf } from "./failure.ts";
import { tellInstance } from "./follow.ts";
import { instanceEnv } from "./instance-env.ts";
import type { Instance, Service } from "./life.ts";
import { mainPort } from "./ports.ts";
import { startupScan } from "./startup-scan.ts";
import { warm } from "./warm.ts";

const listenPollMs = 50;
const answersKept = 5;
const learnMs = 2500;

/** Waits until the instance has passed its checks (null) or has failed them: then why, with the evidence. */
export async function awaitReady(service: Service, instance: Instance): Promise<Problem | null> {
  const spec = service.record.specs[instance.record.release];
  if (spec === undefined) throw new Error(`no spec for ${instance.record.release}`);
  let input = inputOf(service, instance, spec);
  const scan = startupScan(service, instance, spec);
  const answers: Attempt[] = [];
  const deadline = performance.now() + spec.bootMs;
  const need = needOf(service, instance, spec);
  let streak: Streak = { inRow: 0, since: 0 };
  while (instance.exit === null) {
    const latest = await attempt(input);
    if (latest.code === "NEVER_LISTENED" && hasMoved(service, instance, spec)) {
      input = inputOf(service, instance, spec);
    }
    remember(answers, latest);
    scan.read();
    streak = extended(streak, latest);
    const waitMs = leftMs(streak, need);
    if (waitMs === 0) break;
    if (waitMs === null && performance.now() >= deadline) {
      return failureOf({ service, instance, spec, answers, scan });
    }
    await instance.watch.next(pauseMs(latest, waitMs ?? spec.health.intervalMs));
  }
  if (instance.exit === null) await warm(service, instance, input);
  scan.read();
  if (instance.exit !== null) return failureOf({ service, instance, spec, answers, scan });
  instance.record.state = "ready";
  tellInstance(service, instance, "checked");
  return null;
}

interface Need {
  readonly successes: number;
  readonly uptimeMs: number;
}

/** Good answers in a row, and when the first of them came (on the clock of this process). */
interface Streak {
  readonly inRow: number;
  readonly since: number;
}

function extended({ inRow, since }: Streak, { ok }: Attempt): Streak {
  return { inRow: ok ? inRow + 1 : 0, since: inRow === 0 ? performance.now() : since };
}

/** Null: not enough good answers yet. A slow start must not eat the time in which a program that listens may fall over. */
function leftMs({ inRow, since }: Streak, { successes, uptimeMs }: Need): number | null {
  return inRow < Math.max(successes, 1) ? null : Math.max(since + uptimeMs - performance.now(), 0);
}

/** A release that took traffic before is known: while its slot is empty, one success is enough to bring it back. */
function needOf(service: Service, instance: Instance, spec: ServiceSpec): Need {
  const { healthyAfter, minUptimeMs } = spec.health;
  if (instance.record.wanted) return { successes: 1, uptimeMs: 0 };
  // A first start without a port: it may turn out that the program opens one.
  const isLearning = mainPort(service, spec) === null && service.record.live === null;
  return { successes: healthyAfter, uptimeMs: isLearning ? Math.max(minUptimeMs, learnMs) : minUptimeMs };
}

/** Without a declared port: a new version may open another one than its forerunner did. That is the public one then. */
function hasMoved(service: Service, instance: Instance, spec: ServiceSpec): boolean {
  const { learnedPorts } = service.record;
  const [taken] = instance.claimed;
  const isEarly = Date.now() < instance.record.startedAt + learnMs;
  if (spec.port !== undefined || taken === undefined || taken === learnedPorts[0] || isEarly) return false;
  service.record.learnedPorts = [taken, ...learnedPorts.filter((port) => port !== taken)];
  return true;
}

/** A change in the run directory (a socket appeared) ends the pause early; before it listens there is nothing to spare. */
function pauseMs(latest: Attempt, wantedMs: number): number {
  return latest.code === "NEVER_LISTENED" || latest.code === "NEVER_READY" ? listenPollMs : wantedMs;
}

function inputOf(service: Service, instance: Instance, spec: ServiceSpec): AttemptInput {
  const port = mainPort(service, spec);
  const env = instanceEnv(spec, { instance: instance.record, descriptors: {}, port });
  return { instance: instance.record, claimed: instance.claimed, spec, port, env };
}

function remember(answers: Attempt[], latest: Attempt): void {
  if (answers.at(-1)?.said === latest.said) return;
  answers.push(latest);
  if (answers.length > answersKept) answers.shift();
}
