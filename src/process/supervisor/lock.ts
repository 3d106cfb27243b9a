import { exits, Problem } from "../../problem.ts";
import { deferred } from "./deferred.ts";
import { type Drained, nothingDrained } from "./drain.ts";
import type { Service } from "./life.ts";

interface Running {
  readonly key: string;
  readonly work: Promise<Drained>;
}

const running = new WeakMap<Service, Running>();

/** One change at a time per service; a second: Problem RELOAD_BUSY. What the supervisor began by itself is waited for. */
export async function exclusively<T>(service: Service, verb: string, work: () => Promise<T>): Promise<T> {
  while (service.busy?.own !== undefined) await service.busy.own;
  if (service.busy !== null) throw busy(service, service.busy.verb, service.busy.since);
  service.busy = { verb, since: Date.now() };
  return work().finally(() => {
    service.busy = null;
  });
}

/** A change of the supervisor's own: left out when there is one already. */
export async function whenIdle(service: Service, verb: string, work: () => Promise<void>): Promise<void> {
  if (service.busy !== null) return;
  const done = deferred<void>();
  service.busy = { verb, since: Date.now(), own: done.promise };
  try {
    await work();
  } finally {
    service.busy = null;
    done.resolve();
  }
}

/** As exclusively, but the repeat of the very same request (its reply was lost) joins the first. */
export function joined(
  service: Service,
  verb: string,
  key: string,
  work: () => Promise<Drained>,
): Promise<Drained> {
  const now = running.get(service);
  if (now?.key === key) return now.work;
  if (now !== undefined) return exclusively(service, verb, work);
  const done = exclusively(service, verb, work).finally(() => running.delete(service));
  running.set(service, { key, work: done });
  return done;
}

/** Waits for the end of the check that is under way, if there is one; how it ends is told to whoever asked for it. */
export async function checkEnded(service: Service): Promise<void> {
  const now = running.get(service);
  if (now?.key.startsWith("check ") === true) await now.work.catch(() => nothingDrained);
}

function busy(service: Service, verb: string, since: number): Problem {
  const seconds = Math.round((Date.now() - since) / 1000);
  return new Problem({
    code: "RELOAD_BUSY",
    what: `A ${verb} of ${service.key} is running since ${new Date(since).toISOString()} (${String(seconds)} s).`,
    fix: "Wait until it has ended, then try again.",
    state: "Nothing was changed by this command.",
    exit: exits.refused,
  });
}
