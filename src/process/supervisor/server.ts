import { readdirSync } from "node:fs";
import http from "node:http";
import { isProblem, type ProblemDetail } from "../../problem.ts";
import type { Ping, SupervisorEvent } from "../protocol.ts";
import type { World } from "./life.ts";
import { messageOf } from "./error-code.ts";
import { findService, parseBody, removeRoute, routes } from "./routes.ts";
import { serviceStatus } from "./status.ts";
import { badRequest } from "./validate.ts";
import { note, type Daemon } from "./world.ts";

export interface ServerOptions {
  readonly version: string;
  readonly onShutdown: (instances: "keep" | "stop") => Promise<void>;
}

const mostBodyBytes = 8 * 1024 * 1024;
const mostBuffered = 4 * 1024 * 1024;
const startedAt = Date.now();

export function createServer(daemon: Daemon, options: ServerOptions): http.Server {
  const server = http.createServer((request, response) => {
    void answer(daemon, options, request, response);
  });
  // A check may take as long as a program takes to boot.
  server.requestTimeout = 0;
  server.timeout = 0;
  return server;
}

async function answer(
  daemon: Daemon,
  options: ServerOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  response.on("error", () => undefined);
  try {
    const url = new URL(request.url ?? "/", "http://supervisor");
    if (request.method === "GET" && url.pathname === "/v1/events") return streamEvents(daemon, response);
    const body = request.method === "POST" ? parseBody(await readBody(request)) : {};
    send(response, 200, await route(daemon, options, { method: request.method ?? "GET", url, body }));
  } catch (error) {
    const detail = isProblem(error) ? error.detail : bug(error);
    send(response, statusOf(detail), detail);
  }
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: Readonly<Record<string, unknown>>;
}

async function route({ world }: Daemon, options: ServerOptions, asked: Asked): Promise<unknown> {
  const { method, url, body } = asked;
  switch (`${method} ${url.pathname}`) {
    case "GET /v1/ping":
      return ping(options.version);
    case "POST /v1/shutdown":
      return shutdown(options, body);
    case "GET /v1/services":
      return [...world.services.values()].map((service) => serviceStatus(service, isSecretShown(url)));
    default:
      return routeService(world, asked);
  }
}

async function routeService(world: World, { method, url, body }: Asked): Promise<unknown> {
  const [, key = "", verb = ""] = /^\/v1\/services\/([^/]+\/[^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  const what = `${method} ${verb}`;
  if (key !== "" && what === "GET ") return serviceStatus(findService(world, key), isSecretShown(url));
  if (key !== "" && what === "DELETE ") return removeRoute(world, key);
  const act = method === "POST" && Object.hasOwn(routes, verb) ? routes[verb] : undefined;
  if (key === "" || act === undefined) throw badRequest(`${method} ${url.pathname} is not known`);
  return act(world, key, body);
}

function isSecretShown(url: URL): boolean {
  return url.searchParams.get("secrets") === "1";
}

function ping(version: string): Ping {
  const descriptors = readdirSync("/proc/self/fd").length;
  return { version, pid: process.pid, startedAt, descriptors, rssBytes: process.memoryUsage.rss() };
}

async function shutdown(options: ServerOptions, body: Asked["body"]): Promise<unknown> {
  const { instances } = body;
  if (instances !== "keep" && instances !== "stop")
    throw badRequest('instances is neither "keep" nor "stop"');
  await options.onShutdown(instances);
  return {};
}

function streamEvents(daemon: Daemon, response: http.ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  const listener = (event: SupervisorEvent): void => {
    // A client that does not read must not fill the memory of the supervisor.
    if (response.writableLength > mostBuffered) response.destroy();
    else response.write(`${JSON.stringify(event)}\n`);
  };
  daemon.listeners.add(listener);
  response.on("close", () => daemon.listeners.delete(listener));
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) throw badRequest("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: http.ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function statusOf(detail: ProblemDetail): number {
  if (detail.code === "BUG") return 500;
  if (detail.code === "BAD_REQUEST") return 400;
  return detail.code === "SERVICE_UNKNOWN" ? 404 : 409;
}

function bug(error: unknown): ProblemDetail {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  note(text);
  const why = messageOf(error);
  return {
    code: "BUG",
    what: "The supervisor met a case it does not know.",
    why,
    fix: "Report it with supervisor.log.",
  };
}
