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

/** Waits until the instance has passed its checks (null) or has failed them: then why, with the evidence. */
export async function awaitReady(service: Service, instance: Instance): Promise<Problem | null> {
  const spec = service.record.specs[instance.record.release];
  if (spec === undefined) throw new Error(`no spec for ${instance.record.release}`);
  const input = inputOf(service, instance, spec);
  const scan = startupScan(service, instance, spec);
  const answers: Attempt[] = [];
  const deadline = instance.record.startedAt + spec.bootMs;
  let inRow = 0;
  let goodSince = 0;
  while (instance.exit === null) {
    const latest = await attempt(input);
    remember(answers, latest);
    scan.read();
    inRow = latest.ok ? inRow + 1 : 0;
    // A slow start must not eat the time in which a program that listens may still fall over.
    if (inRow === 1) goodSince = Date.now();
    const isEnough = inRow >= spec.health.healthyAfter;
    const waitMs = goodSince + spec.health.minUptimeMs - Date.now();
    if (isEnough && waitMs <= 0) break;
    if (!isEnough && Date.now() >= deadline) return failureOf({ service, instance, spec, answers, scan });
    await instance.watch.next(pauseMs(latest, isEnough ? waitMs : spec.health.intervalMs));
  }
  if (instance.exit === null) await warm(service, instance, input);
  scan.read();
  if (instance.exit !== null) return failureOf({ service, instance, spec, answers, scan });
  instance.record.state = "ready";
  tellInstance(service, instance, "checked");
  return null;
}

/** A change in the run directory (a socket appeared) ends the pause early; before it listens there is nothing to spare. */
function pauseMs(latest: Attempt, wantedMs: number): number {
  return latest.code === "NEVER_LISTENED" || latest.code === "NEVER_READY" ? listenPollMs : wantedMs;
}

function inputOf(service: Service, instance: Instance, spec: ServiceSpec): AttemptInput {
  const port = mainPort(service, spec);
  const env = instanceEnv(spec, { instance: instance.record, descriptors: {}, port });
  return { instance: instance.record, spec, port, env };
}

function remember(answers: Attempt[], latest: Attempt): void {
  if (answers.at(-1)?.said === latest.said) return;
  answers.push(latest);
  if (answers.length > answersKept) answers.shift();
}
