import { request } from "node:http";
import { Problem, exits } from "../../problem.ts";
import type { Answer } from "../driver.ts";
import type { ServerNow } from "./look.ts";
import type { Backend } from "./setup.ts";

const timeoutMs = 10_000;

/** One GET of the health path through the private frontend. Problem TRAFFIC_ASK: haproxy did not let that server answer. */
export async function askServer(backend: Backend, server: ServerNow): Promise<Answer> {
  const got = await get(backend, server.name);
  if (got.server !== server.name) throw notAnswered(backend, server, got.server);
  return { status: got.status, ...(got.release === undefined ? {} : { release: got.release }) };
}

interface Got {
  readonly status: number;
  readonly server: string;
  readonly release: string | undefined;
}

function get(backend: Backend, server: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asking = request({
      socketPath: backend.ask,
      path: backend.healthPath ?? "/",
      agent: false,
      timeout: timeoutMs,
      headers: {
        host: `localhost:${backend.port}`,
        connection: "close",
        "user-agent": "cutover-probe",
        "x-cutover-server": server,
      },
    });
    asking.once("timeout", () => asking.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    asking.once("error", (error) => reject(unreachable(backend, error)));
    asking.once("response", (response) => {
      const header = (name: string): string | undefined => {
        const value = response.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      response.resume();
      response.once("error", (error) => reject(unreachable(backend, error)));
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          server: header("x-cutover-server") ?? "",
          release: header("x-cutover-release"),
        }),
      );
    });
    asking.end();
  });
}

function notAnswered(backend: Backend, server: ServerNow, other: string): Problem {
  return new Problem({
    code: "TRAFFIC_ASK",
    what: `haproxy does not reach ${server.name} of the backend ${backend.name}; it says ${server.stats.status}.`,
    why: other === "" ? undefined : `The question went to ${other === "<NOSRV>" ? "no server" : other}.`,
    fix: `Find out from the balancer's host: curl -i http://${server.address}:${server.port}${backend.healthPath ?? "/"}`,
    exit: exits.refused,
  });
}

function unreachable(backend: Backend, error: Error): Problem {
  return new Problem(
    {
      code: "TRAFFIC_ASK",
      what: `haproxy's private frontend ${backend.ask} did not answer in full.`,
      why: error.message,
      fix: "Check that this user may use the socket, as the admin socket beside it.",
      exit: exits.refused,
    },
    { cause: error },
  );
}
