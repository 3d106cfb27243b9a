import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { homePaths } from "../../process/home.ts";
import { packageId } from "../../process/package/identity.ts";
import type { Address } from "./address.ts";
import { connectProblem, isRefusedStart, sshMissing } from "./problems.ts";
import { startScript } from "./remote-script.ts";
import { type Session, startSession } from "./session.ts";
import { openGate } from "./start-gate.ts";

export interface StartOptions {
  /** Of the operator: ssh's own, and CUTOVER_SSH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** sshd and firewalls take many connections at once for an attack. */
const gate = openGate(10);
const mostTries = 10;
const longestPauseMs = 3000;

/** A session whose agent listens; a start that sshd refuses is tried again, others at other moments. */
export async function startAgent(address: Address, options: StartOptions): Promise<Session> {
  for (let attempt = 1; ; attempt++) {
    const leave = await gate.enter();
    try {
      const found = await tryStart(address, options);
      if ("session" in found) return found.session;
      if (attempt === mostTries || !isRefusedStart(found.said))
        throw connectProblem(address, found.said, found.noise);
    } finally {
      leave();
    }
    await delay(pauseMs(attempt), undefined, { signal: options.signal });
  }
}

interface Refused {
  readonly said: readonly string[];
  readonly noise: string;
}

async function tryStart(
  address: Address,
  { env }: StartOptions,
): Promise<Refused | { readonly session: Session }> {
  const nonce = randomBytes(6).toString("hex");
  const session = startSession({
    address,
    script: startScript(packageId(homePaths(env)), nonce),
    nonce,
    env,
  });
  const first = await session.markers.next();
  if (first?.[0] === "ready") return { session };
  session.end();
  await session.exited.catch((error: unknown) => {
    throw sshMissing(env["CUTOVER_SSH"] ?? "ssh", error);
  });
  return { said: session.said(), noise: session.markers.noise() };
}

/** Random, so that those refused together do not come back together. */
function pauseMs(attempt: number): number {
  return Math.min(longestPauseMs, 200 * 2 ** attempt) * (0.3 + 0.7 * Math.random());
}
