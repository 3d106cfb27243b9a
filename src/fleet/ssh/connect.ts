import type { BalancerOpening, HostOpening, Opened, Opening } from "../agent/opening.ts";
import type { BalancerEnd, HostEnd } from "../end.ts";
import { balancerMethods, hostMethods, type Methods } from "../rpc/methods.ts";
import { openPeer, type Peer } from "../rpc/peer.ts";
import { proxyEnd } from "../rpc/proxy.ts";
import { type Address, parseAddress } from "./address.ts";
import { agentFailed, connectionLost } from "./problems.ts";
import type { Session } from "./session.ts";
import { startAgent, type StartOptions } from "./start-agent.ts";

/** One ssh connection to one server, and what was opened over it. */
export interface Connection {
  openHost(opening: Omit<HostOpening, "role" | "name">): Promise<HostEnd>;
  openBalancer(opening: Omit<BalancerOpening, "role" | "name">): Promise<BalancerEnd>;
  close(): Promise<void>;
}

/**
 * Connects to `[user@]host[:port]` and starts the agent there. Problems, nothing changed on the server: SERVER_ADDRESS, HOST_*,
 * SSH_*, NODE_MISSING, AGENT_*, DISK_FULL. Afterwards every call throws CONNECTION_LOST once the connection is gone.
 */
export async function connectServer(server: string, options: StartOptions): Promise<Connection> {
  const address = parseAddress(server);
  const { name } = address;
  let present = startPeer(address, options);
  await present;
  let ends = 0;
  let hasHeld = false;
  const close = async (): Promise<void> => {
    const { peer, session } = await present;
    peer.close();
    // Where a lock was held the next one to come must find it free; anything else ends by itself.
    if (hasHeld) await session.exited.catch(() => undefined);
  };
  const ask = async (opening: Opening): Promise<Opened & { readonly peer: Peer }> => {
    const used = present;
    const { peer, greeted } = await used;
    // Right behind the greeting: over a long line a round trip less.
    const asked: Promise<Opened> = peer.call("open", [opening]);
    asked.catch(() => undefined);
    if (await greeted) return { ...(await asked), peer };
    if (present === used) present = startPeer(address, { ...options, search: true });
    return await ask(opening);
  };
  const open = async <End extends HostEnd | BalancerEnd>(
    opening: Opening,
    methods: Methods<End>,
  ): Promise<End> => {
    const { peer, ...opened } = await ask(opening);
    ends += 1;
    let isOpen = true;
    const noting: Pick<Peer, "call"> = {
      call: (method, params, live) => {
        hasHeld ||= method.endsWith(".holdLock");
        return peer.call(method, params, live);
      },
    };
    return proxyEnd<End>(noting, methods, {
      ...opened,
      name,
      // The connection lives as long as one of its ends does.
      async close() {
        if (isOpen) ends -= 1;
        isOpen = false;
        if (ends === 0) await close();
      },
    });
  };
  return {
    openHost: (opening) => open<HostEnd>({ ...opening, role: "host", name }, hostMethods),
    openBalancer: (opening) => open<BalancerEnd>({ ...opening, role: "balancer", name }, balancerMethods),
    close,
  };
}

interface Started {
  readonly peer: Peer;
  readonly session: Session;
  /** False: the Node that was found on the host earlier has been replaced by an old one since. Problem: AGENT_FAILED. */
  readonly greeted: Promise<boolean>;
}

async function startPeer(address: Address, options: StartOptions): Promise<Started> {
  const session = await startAgent(address, options);
  const peer = openPeer({
    input: session.child.stdout,
    output: session.child.stdin,
    lost: (ending) => connectionLost(address.name, session.said(), ending === "silence"),
  });
  void peer.ended.then(() => session.end());
  const greeted = greet(address, { peer, session, isSearched: options.search === true });
  greeted.catch(() => undefined);
  return { peer, session, greeted };
}

interface Greeting extends Omit<Started, "greeted"> {
  /** Node was looked for anew already. */
  readonly isSearched: boolean;
}

async function greet(address: Address, { peer, session, isSearched }: Greeting): Promise<boolean> {
  try {
    await peer.call("hello", []);
    return true;
  } catch {
    await session.exited.catch(() => undefined);
    const said = session.said();
    if (!isSearched && said.some((line) => line.includes("NODE_TOO_OLD"))) return false;
    throw agentFailed(address.name, said);
  }
}
