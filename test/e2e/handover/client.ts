import net from "node:net";

/** A strict client on bare sockets: no retries, every answer that is not a complete 200 is lost and named. */

interface Tally {
  sent: number;
  answered: number;
  readonly lost: string[];
  readonly bodies: Map<string, number>;
}

export interface Load {
  readonly tally: Tally;
  stop(): Promise<Tally>;
}

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  readonly isLast: boolean;
}

/** `keepAlive` connections that are used again until the server says close, `fresh` ones for one request each. */
export function startLoad(port: number, lanes: { keepAlive: number; fresh: number; path?: string }): Load {
  const tally: Tally = { sent: 0, answered: 0, lost: [], bodies: new Map() };
  const path = lanes.path ?? "/";
  const running = { still: true };
  const lane = async (isKept: boolean): Promise<void> => {
    let connection: Connection | undefined;
    while (running.still) {
      // An idle connection that the server ended is no loss: HTTP allows it.
      const used: Connection = connection === undefined || connection.isEnded() ? connect(port) : connection;
      tally.sent += 1;
      try {
        const answer = await used.ask(request(path, isKept));
        if (answer.status !== 200) throw new Error(`status ${answer.status}`);
        tally.answered += 1;
        tally.bodies.set(answer.body, (tally.bodies.get(answer.body) ?? 0) + 1);
        if (!isKept || answer.isLast) connection = used.leave();
        else connection = used;
      } catch (error) {
        tally.lost.push(error instanceof Error ? error.message : String(error));
        connection = used.leave();
      }
    }
    connection?.leave();
  };
  const loops = [
    ...Array.from({ length: lanes.keepAlive }, () => lane(true)),
    ...Array.from({ length: lanes.fresh }, () => lane(false)),
  ];
  return {
    tally,
    async stop() {
      running.still = false;
      await Promise.all(loops);
      return tally;
    },
  };
}

export function request(path: string, isKept = true): string {
  const close = isKept ? "" : "Connection: close\r\n";
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${close}\r\n`;
}

export interface Connection {
  readonly socket: net.Socket;
  /** Everything received since the last answer. */
  received(): string;
  isEnded(): boolean;
  ask(text: string, timeoutMs?: number): Promise<Answer>;
  leave(): undefined;
}

export function connect(target: number | string): Connection {
  const socket = typeof target === "number" ? net.connect(target, "127.0.0.1") : net.connect(target);
  let received = "";
  let end: string | undefined;
  let wake: () => void = () => undefined;
  socket.setNoDelay(true);
  socket.on("data", (data) => {
    received += data.toString("latin1");
    wake();
  });
  socket.on("end", () => {
    end ??= received === "" ? "ended before an answer" : "ended inside an answer";
    wake();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    end ??= `${error.code ?? error.message} ${received === "" ? "before" : "inside"} an answer`;
    wake();
  });
  return {
    socket,
    received: () => received,
    isEnded: () => end !== undefined,
    ask: (text, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no answer in time")), timeoutMs);
        const look = (): void => {
          const answer = parse(received);
          if (answer === undefined && end === undefined) return;
          clearTimeout(timer);
          wake = () => undefined;
          received = "";
          if (answer === undefined) reject(new Error(end));
          else resolve(answer);
        };
        wake = look;
        socket.write(text);
        look();
      }),
    leave() {
      socket.destroy();
      return undefined;
    },
  };
}

function parse(text: string): Answer | undefined {
  const at = text.indexOf("\r\n\r\n");
  if (at < 0) return undefined;
  const headers = text.slice(0, at);
  const body = bodyOf(headers, text.slice(at + 4));
  if (body === undefined) return undefined;
  return { status: Number(headers.slice(9, 12)), headers, body, isLast: /connection: close/i.test(headers) };
}

function bodyOf(headers: string, rest: string): string | undefined {
  const length = /content-length: (\d+)/i.exec(headers)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? rest.slice(0, Number(length)) : undefined;
  if (!/transfer-encoding: chunked/i.test(headers)) return "";
  let body = "";
  let left = rest;
  for (;;) {
    const line = left.indexOf("\r\n");
    if (line < 0) return undefined;
    const size = Number.parseInt(left.slice(0, line), 16);
    if (left.length < line + 2 + size + 2) return undefined;
    if (size === 0) return body;
    body += left.slice(line + 2, line + 2 + size);
    left = left.slice(line + 2 + size + 2);
  }
}
