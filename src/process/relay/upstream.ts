import { connect } from "node:net";
import type { Socket } from "node:net";
import { addressOf, listeningPorts } from "../supervisor/port-holder.ts";
import { descendants } from "../supervisor/proc.ts";

/** Where the program accepts. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

const pollMs = 50;
/** Looking through all its processes costs more than reading one table. */
const searchMs = 1000;

/**
 * Waits until the program listens on its private port, or, ignoring it, on exactly one other; `tell` then hears which.
 * null when `isOver` said so first.
 */
export async function awaitUpstream(
  program: { readonly pid: number; readonly port: number },
  tell: (line: string) => void,
  isOver: () => boolean,
): Promise<Upstream | null> {
  let searchedAt = performance.now();
  let told = "";
  while (!isOver()) {
    const host = addressOf(program.port);
    if (host !== null) return { host, port: program.port };
    if (performance.now() - searchedAt >= searchMs) {
      // A listener in another network namespace (a container's published port) is in no table of ours.
      if (await isAnswered(program.port)) return { host: "127.0.0.1", port: program.port };
      const others = listeningPorts([program.pid, ...descendants(program.pid)]);
      const line = explain(others, program.port);
      if (line !== told && line !== "") tell(line);
      told = line;
      const [only, more] = others;
      if (only !== undefined && more === undefined) {
        return { host: addressOf(only) ?? "127.0.0.1", port: only };
      }
      searchedAt = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return null;
}

export function dial(upstream: Upstream): Socket {
  return connect({ ...upstream, noDelay: true, allowHalfOpen: true });
}

function explain(others: readonly number[], port: number): string {
  if (others.length === 0) return "";
  const ignores = `the program listens on ${others.join(" and ")} and ignores $PORT (${String(port)})`;
  return others.length === 1 ? ignores : `${ignores}; none of them can be chosen for it`;
}

async function isAnswered(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
