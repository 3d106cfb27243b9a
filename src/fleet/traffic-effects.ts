import { setTimeout as delay } from "node:timers/promises";
import { noRelease, type TrafficEffect } from "../plan/effect.ts";
import type { Goal } from "../plan/record.ts";
import type { HealthSpec } from "../plan/spec.ts";
import type { BackendServer, Routing } from "../plan/traffic.ts";
import { exits, isProblem, Problem } from "../problem.ts";
import type { Abilities, Answer, Balancer } from "../traffic/driver.ts";

export interface Watched {
  readonly balancer: Balancer;
  readonly abilities: Abilities;
  readonly signal: AbortSignal;
}

type Drain = Extract<TrafficEffect, { readonly verb: "drain" }>;
type Check = Extract<TrafficEffect, { readonly verb: "check" }>;

const drainPollMs = 100;
const askPollMs = 250;
/** A balancer's own health check may need a few rounds before it takes a new server for healthy. */
const askDeadlineMs = 45_000;

/** Problem TRAFFIC_NO_SERVER: some server answers now, and everything would go to others that the balancer takes for down. */
export async function setRouting(balancer: Balancer, routing: Routing): Promise<readonly string[]> {
  const { routing: now, servers } = await balancer.read();
  for (const [service, weights] of Object.entries(routing.weights)) {
    const chosen = Object.keys(weights).filter((server) => (weights[server] ?? 0) > 0);
    const known = servers.filter((one) => one.service === service && chosen.includes(one.server));
    if (known.length === 0 || known.some(({ isUp }) => isUp)) continue;
    const isServing = (one: BackendServer): boolean =>
      one.service === service && one.isUp && (now.weights[service]?.[one.server] ?? 0) > 0;
    // Before the first release, and when all are down, there is nothing to lose.
    if (servers.some(isServing)) throw nobodyUp(service, chosen);
  }
  await balancer.write(routing);
  return [];
}

/** Answers when nothing is under way on the servers, twice in a row; at the deadline with a note of what is left. */
export async function drainServers(
  { balancer, abilities, signal }: Watched,
  effect: Drain,
): Promise<readonly string[]> {
  const deadline = performance.now() + effect.deadlineMs;
  let wasEmpty = false;
  for (;;) {
    const { servers } = await balancer.read();
    const busy = servers.filter(({ server, sessions }) => effect.servers.includes(server) && sessions !== 0);
    if (busy.length === 0 && wasEmpty) return [];
    wasEmpty = busy.length === 0;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0 && !wasEmpty) return abilities.hasSessions ? [stillBusy(effect, busy)] : [];
    await pause(Math.min(drainPollMs, Math.max(10, leftMs)), signal);
  }
}

function stillBusy(
  { deadlineMs }: Drain,
  busy: readonly { readonly service: string; readonly server: string; readonly sessions: number | null }[],
): string {
  const left = busy.map(
    ({ service, server, sessions }) => `${sessions ?? "some"} of ${service} on ${server}`,
  );
  return `After ${deadlineMs / 1000} s requests were still under way: ${left.join(", ")}.`;
}

/** Each service of each server has to be up for the balancer and to answer well, as often in a row as its health asks for. */
export async function askServers(watched: Watched, effect: Check, goal: Goal): Promise<readonly string[]> {
  const { servers } = await watched.balancer.read();
  const asked = servers.filter(({ server }) => effect.servers.includes(server));
  const deadline = performance.now() + askDeadlineMs;
  await Promise.all(
    asked.map(async ({ service, server }) => {
      const health = goal.spec.services.find(({ name }) => name === service)?.health;
      await askUntilHealthy(watched, { effect, goal, service, server, health, deadline });
    }),
  );
  return [];
}

interface Asking {
  readonly effect: Check;
  readonly goal: Goal;
  readonly service: string;
  readonly server: string;
  readonly health: HealthSpec | undefined;
  readonly deadline: number;
}

async function askUntilHealthy({ balancer, signal }: Watched, asking: Asking): Promise<void> {
  const { service, server, health, deadline } = asking;
  const wanted = health?.healthyAfter ?? 1;
  for (let inRow = 0; inRow < wanted;) {
    const fault = await faultOf(balancer, asking);
    inRow = fault === null ? inRow + 1 : 0;
    if (fault === null) continue;
    if (performance.now() > deadline) throw notHealthy(service, server, fault);
    await pause(askPollMs, signal);
  }
}

/** null: a good answer of the right release. */
async function faultOf(balancer: Balancer, asking: Asking): Promise<string | null> {
  const { service, server, health } = asking;
  try {
    const answer = await balancer.ask(service, server);
    if (!isExpected(answer, health)) return `It answered with status ${answer.status}.`;
    return isRightRelease(answer, asking) ? null : `It answered as release ${answer.release}.`;
  } catch (error) {
    if (isProblem(error) && error.detail.code === "TRAFFIC_ASK")
      return [error.detail.what, error.detail.why].filter(Boolean).join(" ");
    throw error;
  }
}

function isExpected({ status }: Answer, health: HealthSpec | undefined): boolean {
  const expect = health?.kind === "http" ? health.expect : "any-below-500";
  return expect === "any-below-500" ? status < 500 : status === expect;
}

/** On the way back a server may have had a release of its own. */
function isRightRelease({ release }: Answer, { effect, goal, server }: Asking): boolean {
  if (release === undefined || effect.release === noRelease) return true;
  return release === effect.release || release === goal.previousOn?.[server];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    throw new Problem({
      code: "TRAFFIC_INTERRUPTED",
      what: "Waiting at the balancer was interrupted.",
      state: "The balancer does what it did before.",
      exit: exits.interrupted,
    });
  }
}

function notHealthy(service: string, server: string, why: string): Problem {
  return new Problem({
    code: "TRAFFIC_CHECK",
    what: `The service ${service} on ${server} did not answer well through the balancer within ${askDeadlineMs / 1000} s.`,
    why,
    fix: `Read its log (cutover logs ${service}), and make sure that the balancer may connect to the server.`,
    state: "It takes no traffic that it did not take before.",
    exit: exits.failedOldServes,
  });
}

function nobodyUp(service: string, servers: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_NO_SERVER",
    what: `All requests of ${service} would go to ${servers.join(", ")}, which the balancer takes for down.`,
    fix: "Look at the balancer's own health check of these servers.",
    state: "The balancer does what it did before.",
    exit: exits.refused,
  });
}
