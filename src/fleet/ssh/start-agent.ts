import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type HomePaths, homePaths } from "../../process/home.ts";
import { packageId } from "../../process/package/identity.ts";
import type { Address } from "./address.ts";
import { installOver } from "./install.ts";
import { connectProblem, type Failed, isRefusedStart, sshMissing } from "./problems.ts";
import { startScript } from "./remote-script.ts";
import { type Session, startSession } from "./session.ts";
import { openGate } from "./start-gate.ts";

export interface StartOptions {
  /** Of the operator: ssh's own, and CUTOVER_SSH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** What takes long, for whoever waits. */
  readonly tell?: ((text: string) => void) | undefined;
  /** Look for Node on the host anew, whatever was found there before. */
  readonly search?: boolean | undefined;
}

/** sshd and firewalls take many connections at once for an attack. */
const gate = openGate(10);
const mostTries = 10;
/** Name resolution, connection, login and whatever the login shell does first. */
const firstWordMs = 45_000;
const longestPauseMs = 3000;

/** A session whose agent listens; a start that sshd refuses is tried again, others at other moments. */
export async function startAgent(address: Address, options: StartOptions): Promise<Session> {
  for (let attempt = 1; ; attempt++) {
    const leave = await gate.enter();
    try {
      const found = await tryStart(address, options);
      if ("session" in found) return found.session;
      if (attempt === mostTries || !isRefusedStart(found)) throw connectProblem(address, found);
    } finally {
      leave();
    }
    await delay(pauseMs(attempt), undefined, { signal: options.signal });
  }
}

async function tryStart(
  address: Address,
  { env, tell = () => undefined, search = false }: StartOptions,
): Promise<Failed | { readonly session: Session }> {
  const nonce = randomBytes(6).toString("hex");
  const home = homePaths(env);
  const version = idOf(home);
  const session = startSession({ address, script: startScript(version, nonce, search), nonce, env });
  try {
    const first = await session.next(firstWordMs);
    if (first?.[0] === "ready") return { session };
    const install = { name: address.name, home, version, nonce, tell };
    if (first?.[0] === "absent") {
      await installOver(session, install);
      return { session };
    }
  } catch (error) {
    session.end();
    throw error;
  }
  session.end();
  const exit = await session.exited.catch((error: unknown) => {
    throw sshMissing(env["CUTOVER_SSH"] ?? "ssh", error);
  });
  return { exit, said: session.said(), noise: session.noise(), isLate: session.isLate() };
}

/** Found once: it takes a look at every file of the package. */
const ids = new Map<string, string>();

function idOf(home: HomePaths): string {
  const id = ids.get(home.home) ?? packageId(home);
  ids.set(home.home, id);
  return id;
}

/** Random, so that those refused together do not come back together. */
function pauseMs(attempt: number): number {
  return Math.min(longestPauseMs, 200 * 2 ** attempt) * (0.3 + 0.7 * Math.random());
}
