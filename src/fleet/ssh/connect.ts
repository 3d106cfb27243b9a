import type { BalancerOpening, HostOpening, Opened, Opening } from "../agent/opening.ts";
import type { BalancerEnd, HostEnd } from "../end.ts";
import { balancerMethods, hostMethods, type Methods } from "../rpc/methods.ts";
import { openPeer, type Peer } from "../rpc/peer.ts";
import { proxyEnd } from "../rpc/proxy.ts";
import { parseAddress } from "./address.ts";
import { connectionLost } from "./problems.ts";
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
  const session = await startAgent(address, options);
  const peer = openPeer({
    input: session.child.stdout,
    output: session.child.stdin,
    lost: (ending) => connectionLost(address.name, session.said(), ending === "silence"),
  });
  void peer.ended.then(() => session.end());
  const { name } = address;
  let ends = 0;
  const close = async (): Promise<void> => {
    peer.close();
    await session.exited.catch(() => undefined);
  };
  const open = async <End extends HostEnd | BalancerEnd>(
    opening: Opening,
    methods: Methods<End>,
  ): Promise<End> => {
    const { index, about } = await openAt(peer, opening);
    ends += 1;
    let isOpen = true;
    return proxyEnd<End>(peer, methods, {
      index,
      name,
      about,
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

async function openAt(peer: Peer, opening: Opening): Promise<Opened> {
  return await peer.call("open", [opening]);
}
