import { isHttp, type Connection } from "./connections.cts";
import type { Listener, ServerSocket } from "./internals.cts";

/** How a draining server parts from one connection. Called again and again until the connection is gone. */

export interface Moment {
  readonly sinceMs: number;
  /** The deadline is near. */
  readonly isClosing: boolean;
}

/** A client that connected and sent nothing was promised no time; this is Node's own keep-alive default. */
const freshMs = 5000;
/** A WebSocket client has this long to answer the close frame. */
const closeFrameMs = 2000;
/** Close, 1001: the endpoint is going away. */
const closeFrame = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

const toldAt = new WeakMap<ServerSocket, number>();

export function sayGoodbye(connection: Connection, moment: Moment): void {
  const { socket, stage } = connection;
  switch (stage) {
    case "raw":
      return leaveUpgraded(connection, moment);
    case "response":
      return endEventSource(socket);
    case "fresh":
      if (moment.sinceMs >= freshMs || moment.isClosing) socket.destroySoon();
      return;
    case "idle":
      // Node closes it when the advertised keep-alive time is over; before that its client may be writing.
      if (moment.isClosing) socket.destroySoon();
      return;
    case "request":
  }
}

function leaveUpgraded({ server, socket }: Connection, moment: Moment): void {
  const told = toldAt.get(socket);
  if (isWebSocket(server) && told === undefined) {
    toldAt.set(socket, moment.sinceMs);
    socket.write(closeFrame);
  } else if (moment.isClosing || (told !== undefined && moment.sinceMs - told >= closeFrameMs)) {
    socket.destroySoon();
  }
}

// Nothing on the socket tells; a server that also takes CONNECT may carry anything, and gets no frame into it.
function isWebSocket(server: Listener): boolean {
  return isHttp(server) && server.listenerCount("upgrade") > 0 && server.listenerCount("connect") === 0;
}

/**
 * A browser's EventSource connects again by itself, so its stream ends at once. No other stream is ended: cut short cleanly
 * it would pass for complete, so it runs until it is done or the deadline breaks it visibly.
 */
function endEventSource(socket: ServerSocket): void {
  const response = socket._httpMessage;
  const accept = response?.req?.headers.accept ?? "";
  const isEventSource =
    response?.req?.method === "GET" &&
    accept.includes("text/event-stream") &&
    /content-type: *text\/event-stream/i.test(response._header ?? "");
  if (!isEventSource || response.writableEnded) return;
  // The program may still write to it.
  response.on("error", () => undefined);
  response.end();
}
