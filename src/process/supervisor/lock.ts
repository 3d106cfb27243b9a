import { exits, Problem } from "../../problem.ts";
import type { Drained } from "./drain.ts";
import type { Service } from "./life.ts";

interface Running {
  readonly key: string;
  readonly work: Promise<Drained>;
}

const running = new WeakMap<Service, Running>();

/** One change at a time per service; a second: Problem RELOAD_BUSY. */
export function exclusively<T>(service: Service, verb: string, work: () => Promise<T>): Promise<T> {
  if (service.busy !== null) return Promise.reject(busy(service, service.busy.verb, service.busy.since));
  service.busy = { verb, since: Date.now() };
  return work().finally(() => {
    service.busy = null;
  });
}

/** As exclusively, but the repeat of the very same request (its reply was lost) joins the first. */
export function joined(
  service: Service,
  verb: string,
  key: string,
  work: () => Promise<Drained>,
): Promise<Drained> {
  const now = running.get(service);
  if (service.busy !== null && now?.key === key) return now.work;
  if (service.busy !== null) return exclusively(service, verb, work);
  const done = exclusively(service, verb, work).finally(() => running.delete(service));
  running.set(service, { key, work: done });
  return done;
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
