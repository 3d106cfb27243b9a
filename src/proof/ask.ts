import { addressesInTurn } from "./addresses.ts";
import { Connection } from "./connection.ts";
import { judge } from "./judge-reply.ts";
import type { Expectation, RequestLane } from "./load.ts";
import { writeRequest } from "./request.ts";

/** One request as the prober sends them; null: answered as expected, else why not ("refused: ..."). */
export async function askOnce(
  { url: text, at }: { readonly url: string; readonly at?: string | undefined },
  expect: Expectation,
  timeoutMs: number,
): Promise<string | null> {
  const url = new URL(text);
  const lane: RequestLane = {
    kind: "requests",
    name: "once",
    connection: "fresh",
    loop: { kind: "closed", workers: 1 },
  };
  const connection = new Connection(url, addressesInTurn(url, at));
  const exchange = await connection.exchange({
    timeoutMs,
    write: (socket, isOver) => writeRequest({ lane, url, socket, isOver }),
  });
  connection.destroy();
  if (exchange.kind === "failure") return `${exchange.failure}: ${exchange.detail}`;
  const { failure, detail } = judge(exchange.reply, undefined, expect);
  return failure === undefined ? null : (detail ?? failure);
}
