import type { Answered, Ask, Comparison } from "../plan/comparison.ts";
import { Connection, type Exchange } from "./connection.ts";
import { pace } from "./pace.ts";

const timeoutMs = 5000;

/** Service -> server -> where it answers. */
type Addresses = Readonly<Record<string, Readonly<Record<string, URL>>>>;

/**
 * Asks both groups alike: an open loop of fresh connections, each to a group, a server and a path by chance, latency from the
 * moment it was due. Answers when every request has ended.
 */
export async function compare(comparison: Comparison, addresses: Addresses): Promise<readonly Answered[]> {
  const { canary, control, asks, forMs } = comparison;
  const rate = control.length === 0 ? comparison.ratePerSecond / 2 : comparison.ratePerSecond;
  const answers: Answered[] = [];
  const underWay: Promise<void>[] = [];
  const send = async (dueAt: number): Promise<void> => {
    const isCanary = control.length === 0 || Math.random() < 0.5;
    const server = pick(isCanary ? canary : control);
    const ask = pick(asks);
    const url = addresses[ask.service]?.[server];
    if (url === undefined) return;
    const exchange = await exchangeOne(url, ask, comparison.site);
    const { service, path } = ask;
    const tookMs = performance.now() - dueAt;
    const arm = isCanary ? "canary" : "control";
    answers.push({ arm, server, service, path, at: Date.now(), tookMs, ...faultOf(exchange, ask) });
  };
  const stop = pace(rate, (dueAt) => underWay.push(send(dueAt)));
  await new Promise((resolve) => setTimeout(resolve, forMs));
  stop();
  await Promise.all(underWay);
  return answers;
}

function pick<T>(list: readonly T[]): T {
  const one = list[Math.floor(Math.random() * list.length)];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}

async function exchangeOne(url: URL, { path }: Ask, site: string | undefined): Promise<Exchange> {
  const connection = new Connection(url);
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${site ?? url.host}`,
    "User-Agent: cutover-judge",
    "Accept: */*",
    "Connection: close",
  ];
  const exchange = await connection.exchange({
    timeoutMs,
    write: (socket) => socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1"),
  });
  connection.awaitEnd();
  return exchange;
}

function faultOf(exchange: Exchange, { expect }: Ask): Pick<Answered, "fault"> {
  if (exchange.kind === "failure") return { fault: exchange.failure };
  const { status } = exchange.reply;
  const limit = expect === "below-400" ? 400 : 500;
  const isGood = typeof expect === "number" ? status === expect : status < limit;
  return isGood ? {} : { fault: `status ${status}` };
}
