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
  const { peer, session } = await startPeer(address, options);
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
    const opened: Opened = await peer.call("open", [opening]);
    ends += 1;
    let isOpen = true;
    return proxyEnd<End>(peer, methods, {
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
}

/** The Node that was found on a host earlier may have been replaced by an old one since: then it is looked for anew, once. */
async function startPeer(address: Address, options: StartOptions): Promise<Started> {
  const session = await startAgent(address, options);
  const peer = openPeer({
    input: session.child.stdout,
    output: session.child.stdin,
    lost: (ending) => connectionLost(address.name, session.said(), ending === "silence"),
  });
  void peer.ended.then(() => session.end());
  try {
    await peer.call("hello", []);
    return { peer, session };
  } catch {
    await session.exited.catch(() => undefined);
    const said = session.said();
    const isOld = said.some((line) => line.includes("NODE_TOO_OLD"));
    if (isOld && options.search !== true) return await startPeer(address, { ...options, search: true });
    throw agentFailed(address.name, said);
  }
}
