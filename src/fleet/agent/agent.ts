import { setTimeout as delay } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";
import { Problem } from "../../problem.ts";
import type { ApplyRequest, BalancerEnd, HostEnd } from "../end.ts";
import { lostReason, type Incoming } from "../rpc/call.ts";
import type { Beat } from "../rpc/heartbeat.ts";
import { balancerMethods, hostMethods } from "../rpc/methods.ts";
import { openPeer } from "../rpc/peer.ts";
import { callEnd } from "../rpc/serve-end.ts";
import type { BalancerOpening, Opened, Openers, Opening } from "./opening.ts";

export interface AgentOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly openers: Openers;
  readonly beat?: Beat | undefined;
}

/** From the operator's loss to the end of the agent: steps that are abandoned have this long to leave tidily. */
const partingMs = 2000;

type Served =
  | { readonly role: "host"; readonly end: HostEnd }
  | { readonly role: "balancer"; readonly end: BalancerEnd };

/**
 * The host's side of a connection: serves ends until the operator is gone, however that happens. Then locks are released at
 * once, steps are abandoned (all are safe to repeat), and only a migration is waited for.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const served: Served[] = [];
  const running = new Set<Running>();
  const peer = openPeer({
    input: options.input,
    output: options.output,
    beat: options.beat,
    lost: operatorGone,
    async serve(incoming) {
      if (incoming.method === "hello") return null;
      if (incoming.method === "open") return await openEnd(options.openers, incoming, served);
      const patience = isMigration(incoming) ? "to its end" : "briefly";
      const one: Running = { patience, done: callServed(served, withPatience(incoming, patience)) };
      running.add(one);
      try {
        return await one.done;
      } finally {
        running.delete(one);
      }
    },
  });
  await peer.ended;
  const releases = served.map(({ end }) => end.close().catch(() => undefined));
  const patient = [...running].filter(({ patience }) => patience === "to its end");
  const others = [...running].map(({ done }) => done.catch(() => undefined));
  await Promise.race([Promise.all([...releases, ...others]), delay(partingMs)]);
  await Promise.all(patient.map(({ done }) => done.catch(() => undefined)));
}

interface Running {
  readonly patience: "briefly" | "to its end";
  readonly done: Promise<unknown>;
}

async function openEnd(openers: Openers, { params }: Incoming, served: Served[]): Promise<Opened> {
  const opening: Opening = params[0];
  const one: Served =
    opening.role === "host"
      ? { role: "host", end: await openers.host(opening) }
      : { role: "balancer", end: await openBalancer(openers, opening) };
  return { index: served.push(one) - 1, about: one.end.about };
}

async function openBalancer({ balancer }: Openers, opening: BalancerOpening): Promise<BalancerEnd> {
  if (balancer === undefined) throw new Error("this agent drives no balancer");
  return await balancer(opening);
}

async function callServed(served: readonly Served[], incoming: Incoming): Promise<unknown> {
  const [index = "", method = ""] = incoming.method.split(".");
  const one = served[Number(index)];
  if (one === undefined) throw new Error(`no end ${index} was opened`);
  const methods = one.role === "host" ? hostMethods : balancerMethods;
  return await callEnd(one.end, methods, { ...incoming, method });
}

/** Half a migration is worse than one that nobody waits for. */
function isMigration({ method, params }: Incoming): boolean {
  if (!method.endsWith(".apply")) return false;
  const request: Partial<ApplyRequest> | undefined = params[0];
  return request?.effect?.layer === "database";
}

/** Who is patient hears of a cancellation, not of a lost operator. */
function withPatience(incoming: Incoming, patience: Running["patience"]): Incoming {
  if (patience === "briefly") return incoming;
  const cancelled = new AbortController();
  incoming.signal.addEventListener("abort", () => {
    if (incoming.signal.reason !== lostReason) cancelled.abort();
  });
  return { ...incoming, signal: cancelled.signal };
}

function operatorGone(): Problem {
  return new Problem({ code: "CONNECTION_LOST", what: "The operator is gone." });
}
