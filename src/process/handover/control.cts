import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { followClaims, knownServers, liveClaims } from "./claims.cts";
import { acceptedSockets, isHttp, isTls, watch } from "./connections.cts";
import { countInFlight, drain, isDrained, open, park } from "./drain.cts";
import { runDir } from "./environment.cts";
import { canOpenGate, currentGate } from "./gate.cts";
import { lend } from "./lend.cts";
import { answerProbe } from "./probe.cts";
import type { Listener } from "./internals.cts";
import type { ControlReply, ControlRequest, ControlStatus } from "./protocol.ts";

/** Opens this process's control and probe sockets. They keep the program alive only on behalf of a server that does not accept. */
export function startControl(first: Listener): void {
  const control = listenOn("ctl", net.createServer(converse));
  listenOn("probe", net.createServer({ allowHalfOpen: true, noDelay: true }, answerProbe)).unref();
  control.unref();
  followClaims({ admit: watch, hold: (isHeld) => (isHeld ? control.ref() : control.unref()) });
  watch(first);
}

function listenOn(kind: string, server: net.Server): net.Server {
  const file = path.join(runDir, `${process.pid}.${kind}`);
  remove(file);
  server.on("error", (error) => {
    process.stderr.write(`cutover: no control over this process: ${error.message}\n`);
  });
  // Exclusive: the worker of a cluster would ask its primary for it.
  server.listen({ path: file, exclusive: true });
  process.once("exit", () => remove(file));
  return server;
}

/** A program that gave up its user's rights cannot remove it any more: the supervisor does. */
function remove(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Then the listen below says what is wrong, or nobody needs to know.
  }
}

function converse(socket: net.Socket): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.unref();
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) socket.write(`${JSON.stringify(reply(line))}\n`);
  });
}

function reply(line: string): ControlReply {
  try {
    obey(JSON.parse(line) as ControlRequest);
    return status();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function obey(request: ControlRequest): void {
  switch (request.do) {
    case "status":
      return;
    case "open":
      return open();
    case "park":
      return park();
    case "drain":
      return drain(request.deadlineMs);
    case "lend":
      return lend(request.ports, request.run);
    default:
      throw new Error(`unknown request ${JSON.stringify(request)}`);
  }
}

function status(): ControlStatus {
  const servers = [...new Set(liveClaims().map((claim) => claim.server))];
  return {
    pid: process.pid,
    gate: currentGate(),
    canOpen: canOpenGate(),
    ports: [...new Set(liveClaims().map((claim) => claim.port))],
    hosts: Object.fromEntries(liveClaims().map((claim) => [claim.port, claim.host])),
    tls: servers.some(isTls),
    http: servers.some(isHttp),
    inFlight: countInFlight(),
    connections: acceptedSockets(knownServers()).length,
    drained: isDrained(),
  };
}
