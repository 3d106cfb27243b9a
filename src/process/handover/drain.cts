import { announceClose, withdrawClose } from "./announce.cts";
import { knownServers } from "./claims.cts";
import {
  acceptedSockets,
  connectionsOf,
  sessionsOf,
  streamsOf,
  type Connection,
  type Session,
} from "./connections.cts";
import { sayGoodbye } from "./goodbye.cts";
import { currentGate, openGate, shutGate } from "./gate.cts";
import { sayShutdown } from "./message.cts";

const sweepMs = 100;
/** Before the deadline, what waits only for its client is closed in order, rather than cut by a kill. */
const closingMs = 1000;

let startedAt = 0;
let deadlineAt = 0;
let timer: NodeJS.Timeout | undefined;

export function open(): void {
  try {
    openGate();
  } finally {
    // Where nothing could be opened it goes on draining, or it was parked.
    if (currentGate() !== "draining") clearTimeout(timer);
  }
  withdrawClose();
}

export function park(): void {
  clearTimeout(timer);
  shutGate("parked");
  announceClose();
}

export function drain(deadlineMs: number): void {
  const now = performance.now();
  if (currentGate() !== "draining") startedAt = now;
  deadlineAt = now + deadlineMs;
  shutGate("draining");
  announceClose();
  clearTimeout(timer);
  sweep();
}

export function isDrained(): boolean {
  return currentGate() === "draining" && acceptedSockets(knownServers()).length === 0;
}

/** Requests begun and not answered: upgraded connections, streams and half-received requests included. */
export function countInFlight(): number {
  const busy = connectionsOf(knownServers()).filter(({ stage }) => stage !== "idle" && stage !== "fresh");
  return busy.length + allSessions().reduce((sum, session) => sum + streamsOf(session), 0);
}

function allSessions(): Session[] {
  return [...knownServers()].flatMap(sessionsOf);
}

function sweep(): void {
  const now = performance.now();
  const connections = connectionsOf(knownServers());
  const moment = { sinceMs: now - startedAt, isClosing: now >= deadlineAt - closingMs };
  for (const connection of connections) sayGoodbye(connection, moment);
  // GOAWAY names the last stream that is answered: a client sends any later one again, elsewhere.
  for (const session of allSessions()) session.close();
  if (isDrained() || now >= deadlineAt) sayShutdown();
  else timer = setTimeout(sweep, pauseFor(connections));
}

// Looking at ten thousand connections takes some milliseconds: the program needs its core for the requests.
function pauseFor(connections: readonly Connection[]): number {
  return Math.max(sweepMs, connections.length / 10);
}
