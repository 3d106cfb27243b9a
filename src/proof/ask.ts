import { addressesInTurn } from "./addresses.ts";
import { Connection, type Exchange } from "./connection.ts";
import { judge } from "./judge-reply.ts";
import type { Expectation, Lane, RequestLane } from "./load.ts";
import { openingOf, writeRequest } from "./request.ts";

/** Where is asked: `at` is connected to in place of the host in `url`. */
interface Place {
  readonly url: string;
  readonly at?: string | undefined;
}

const once: RequestLane = {
  kind: "requests",
  name: "once",
  connection: "fresh",
  loop: { kind: "closed", workers: 1 },
};

/** One request as the prober sends them; null: answered as expected, else why not ("refused: ..."). */
export function askOnce(place: Place, expect: Expectation, timeoutMs: number): Promise<string | null> {
  return tryLane({ ...once, expect }, place, timeoutMs);
}

/** Slow enough that the answer of whoever closes early is read before the next piece would fail on the closed connection. */
const quickUploadMs = 500;

/** Begins what the lane sends, an upload in half a second: is it answered as expected, or does it last? */
export async function tryLane(
  lane: Lane,
  { url: text, at }: Place,
  timeoutMs: number,
): Promise<string | null> {
  const url = new URL(text);
  const connection = new Connection(url, addressesInTurn(url, at));
  let sentBytes = 0;
  const onSent = (bytes: number): void => void (sentBytes = bytes);
  const exchange = await begin(lane, { url, connection, timeoutMs, onSent });
  connection.destroy();
  if (exchange === "lasts") return null;
  if (exchange.kind === "failure") return `${exchange.failure}: ${exchange.detail}`;
  const { failure, detail } = judge(exchange.reply, undefined, expectationOf(lane));
  if (failure !== undefined) return detail ?? failure;
  // Whoever does not wait for the body never has an upload under way.
  const isEarly = lane.kind === "requests" && sentBytes < (lane.uploadBytes ?? 0);
  return isEarly ? `status ${exchange.reply.status} before the upload had ended` : null;
}

function expectationOf(lane: Lane): Expectation {
  if (lane.kind === "requests") return lane.expect ?? {};
  return lane.kind === "websocket" ? { status: 101 } : {};
}

interface Beginning {
  readonly url: URL;
  readonly connection: Connection;
  readonly timeoutMs: number;
  readonly onSent: (bytes: number) => void;
}

function begin(lane: Lane, { url, connection, timeoutMs, onSent }: Beginning): Promise<Exchange | "lasts"> {
  if (lane.kind === "requests") {
    const quick = { ...lane, uploadMs: quickUploadMs };
    return connection.exchange({
      timeoutMs,
      write: (socket, isOver) => writeRequest({ lane: quick, url, socket, isOver, onSent }),
    });
  }
  return new Promise((resolve) => {
    void connection
      .exchange({
        timeoutMs,
        write: (socket) => socket.write(openingOf(lane, url)),
        onHead: (status) => {
          if (lane.kind === "events" && status === 200) resolve("lasts");
        },
      })
      .then(resolve);
  });
}
