import http from "node:http";
import net from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface ProbeRequest {
  readonly socketPath: string;
  readonly path: string;
  /** For the Host header: programs refuse unknown hosts. */
  readonly port: number;
  readonly tls: boolean;
  readonly timeoutMs: number;
}

const mostBodyBytes = 256 * 1024;

/** One GET over the private socket of an instance. Throws the socket's error, or one with code PROBE_TIMEOUT. */
export async function probe(request: ProbeRequest): Promise<Answer> {
  // Few programs speak TLS themselves: the module is loaded for them only.
  const { get } = request.tls ? await import("node:https") : http;
  const { socketPath, path, port, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const options = {
      socketPath,
      path,
      agent: false,
      rejectUnauthorized: false,
      headers: { host: `localhost:${String(port)}`, connection: "close", "user-agent": "cutover-probe" },
    };
    const sent = get(options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < mostBodyBytes) body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
      response.on("close", () => clearTimeout(timer));
    });
    const timer = setTimeout(() => sent.destroy(timeoutError(timeoutMs)), timeoutMs);
    sent.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** A connection that is taken and not closed at once. */
export function knock(socketPath: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(socketPath);
    const timer = setTimeout(() => socket.destroy(timeoutError(timeoutMs)), timeoutMs);
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      clearTimeout(taken);
      socket.destroy();
      act();
    };
    let taken: NodeJS.Timeout | undefined;
    socket.on("connect", () => {
      taken = setTimeout(settle(resolve), 50);
    });
    socket.on("data", settle(resolve));
    socket.on(
      "end",
      settle(() => reject(new Error("the connection was closed at once"))),
    );
    socket.on("error", (error) => settle(() => reject(error))());
  });
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${String(timeoutMs)} ms`), { code: "PROBE_TIMEOUT" });
}
