import { readdirSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { codeOf } from "./error-code.ts";
import { markOf } from "./mark.ts";
import type { ControlReply, ControlRequest, ControlStatus } from "../handover/protocol.ts";

/** A process of an instance that took a declared port. */
export interface Claim {
  readonly pid: number;
  readonly control: string;
  readonly probe: string;
}

const replyMs = 5000;

export function claimsIn(runDirectory: string): readonly Claim[] {
  return names(runDirectory).flatMap((name) => {
    const pid = Number(/^(\d+)\.ctl$/.exec(name)?.[1]);
    if (Number.isNaN(pid)) return [];
    return [{ pid, control: join(runDirectory, name), probe: join(runDirectory, `${String(pid)}.probe`) }];
  });
}

/** Status of every claim that still answers; sockets of dead processes are removed. */
export async function askAll(
  runDirectory: string,
  request: ControlRequest,
): Promise<readonly ControlStatus[]> {
  const asked = claimsIn(runDirectory).map(async (claim) => {
    try {
      return [await ask(claim, request)];
    } catch (error) {
      if (!isGone(error)) throw error;
      // A living one may be about to listen on the socket that it has just bound.
      if (markOf(claim.pid) !== null) return [];
      for (const path of [claim.control, claim.probe]) rmSync(path, { force: true });
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}

/** Throws the socket's error, or an Error with the process's own words when it refuses. */
export async function ask(claim: Claim, request: ControlRequest): Promise<ControlStatus> {
  const reply: ControlReply = JSON.parse(await exchange(claim.control, `${JSON.stringify(request)}\n`));
  if ("error" in reply) throw new Error(reply.error);
  return reply;
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = net.connect(path, () => socket.write(line));
    socket.setEncoding("utf8");
    socket.setTimeout(replyMs, () => socket.destroy(new Error(`no reply within ${String(replyMs)} ms`)));
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0) return;
      resolve(text.slice(0, end));
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () =>
      reject(Object.assign(new Error("closed without a reply"), { code: "ECONNRESET" })),
    );
  });
}

function isGone(error: unknown): boolean {
  return ["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(codeOf(error));
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
