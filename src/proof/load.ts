import type { AtSwitch } from "./result.ts";

/** What the prober sends, as plain JSON. Times in ms. */
export interface Load {
  /** Base URL, http or https; each lane adds its path. */
  readonly url: string;
  /** Host that is connected to in place of the one in `url`; what is asked for stays. */
  readonly at?: string | undefined;
  readonly lanes: readonly Lane[];
  /** A request not answered in full by then is lost. */
  readonly timeoutMs: number;
  /** Name of a window that is open from the first request on. */
  readonly window?: string | undefined;
  /** Where an answer tells its version: a response header, or a field of a JSON body. */
  readonly version?: { readonly header: string } | { readonly field: string } | undefined;
  /** Own lag (p99) above which the verdict is inconclusive. */
  readonly maxLagMs?: number | undefined;
}

export type Lane = RequestLane | EventsLane | SocketLane;

export interface RequestLane {
  readonly kind: "requests";
  readonly name: string;
  /** Another base URL than the load's. */
  readonly url?: string | undefined;
  /** As the load's, for a `url` of its own. */
  readonly at?: string | undefined;
  readonly path?: string | undefined;
  readonly connection: "keep-alive" | "fresh";
  readonly loop: Loop;
  /** Keep-alive connections in use from the start, oldest idle one first; the pool grows when all are busy. */
  readonly connections?: number | undefined;
  /** A POST of this many bytes instead of a GET, sent in pieces over `uploadMs`. */
  readonly uploadBytes?: number | undefined;
  readonly uploadMs?: number | undefined;
  /** The head of the request is sent in pieces over this time. */
  readonly headMs?: number | undefined;
  /** It lasts long on purpose: its length is no latency, and what is under way when the run stops is left alone. */
  readonly isLong?: boolean | undefined;
  readonly userAgent?: string | undefined;
  readonly expect?: Expectation | undefined;
}

/** open: request i is due at t0 + i / rate whatever happened before. closed: each worker waits for its answer. */
type Loop =
  | { readonly kind: "open"; readonly ratePerSecond: number }
  | { readonly kind: "closed"; readonly workers: number };

export interface Expectation {
  /** Default 200. */
  readonly status?: number | "2xx" | "below-500" | undefined;
  /** Text that the body must contain. */
  readonly body?: string | undefined;
  readonly version?: string | undefined;
}

/** Server-sent events: a stream that ends cleanly is opened again; one that is cut is lost. */
export interface EventsLane {
  readonly kind: "events";
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  /** Without an event or a heartbeat for so long it is lost; default: a minute, as heartbeats of half a minute are common. */
  readonly silenceMs?: number | undefined;
}

/** WebSockets that echo, or answer pings: a close frame and a reconnect are no loss, an answer that never comes is. */
export interface SocketLane {
  readonly kind: "websocket";
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  readonly everyMs: number;
  readonly asks: "echo" | "ping";
}

/** Lanes of which something is to be under way at a switch. */
export function lastingLanesOf({ lanes }: Pick<Load, "lanes">): readonly Pick<AtSwitch, "lane" | "what">[] {
  return lanes.flatMap((lane) => {
    const what = whatLasts(lane);
    return what === null ? [] : [{ lane: lane.name, what }];
  });
}

/** Time from one request of the sparsest open loop to the next, so that each place was asked within it; null: there is none. */
export function longestPauseMs({ lanes }: Pick<Load, "lanes">): number | null {
  const rates = lanes.flatMap((lane) =>
    lane.kind === "requests" && lane.loop.kind === "open" && lane.isLong !== true
      ? lane.loop.ratePerSecond
      : [],
  );
  return rates.length === 0 ? null : 1000 / Math.min(...rates);
}

function whatLasts(lane: Lane): AtSwitch["what"] | null {
  if (lane.kind === "requests") return lane.uploadBytes === undefined ? null : "upload";
  return lane.kind === "events" ? "stream" : "websocket";
}
