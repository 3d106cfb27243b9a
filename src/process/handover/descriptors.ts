import net from "node:net";
import { fileURLToPath } from "node:url";
import { Problem } from "../../problem.ts";

/** The supervisor's end: the listening socket of a public port, and what a program is told about it. */

export interface Listening {
  readonly fd: number;
  close(): void;
}

interface Handle {
  readonly fd: number;
  onconnection: () => void;
  listen(backlog: number): number;
  close(): void;
}

interface NetInternals {
  _createServerHandle(address: string, port: number, addressType: 4 | 6, fd: -1): Handle | number;
}

const preload = fileURLToPath(new URL("./preload.cjs", import.meta.url));
const backlog = 4096;
const reasons = new Map([
  [-98, "EADDRINUSE"],
  [-13, "EACCES"],
  [-99, "EADDRNOTAVAIL"],
  [-97, "EAFNOSUPPORT"],
]);

/**
 * Binds and listens on `host`, or on all addresses of both families. Hand `fd` to a child and call close() before the
 * current tick ends: the event loop would accept connections that nobody answers.
 */
export function createListening(port: number, host?: string): Listening {
  const addresses = host === undefined ? ["::", "0.0.0.0"] : [host];
  let error = 0;
  for (const address of addresses) {
    const result = listenOn(address, port);
    if (typeof result !== "number") return result;
    error = result;
    // Only a machine without IPv6 gets a second try: a port taken on one family is taken.
    if (error !== -97 && error !== -99) break;
  }
  throw cannotListen(port, host, reasons.get(error) ?? `error ${error}`);
}

function listenOn(address: string, port: number): Listening | number {
  const { _createServerHandle } = net as unknown as NetInternals;
  const handle = _createServerHandle(address, port, net.isIPv6(address) ? 6 : 4, -1);
  if (typeof handle === "number") return handle;
  handle.onconnection = () => undefined;
  // Reports a bind that failed, too: Node keeps that error until here.
  const error = handle.listen(backlog);
  if (error === 0) return { fd: handle.fd, close: () => handle.close() };
  handle.close();
  return error;
}

function cannotListen(port: number, host: string | undefined, reason: string): Problem {
  const where = host === undefined ? `port ${port}` : `port ${port} on ${host}`;
  if (reason === "EADDRINUSE") {
    return new Problem({
      code: "PORT_TAKEN",
      what: `Another program listens on ${where}.`,
      fix: `Stop it (\`ss -ltnp 'sport = :${port}'\` names it), or give the service another port.`,
    });
  }
  const isDenied = reason === "EACCES";
  return new Problem({
    code: isDenied ? "PORT_DENIED" : "PORT_UNAVAILABLE",
    what: `The system does not let this user listen on ${where} (${reason}).`,
    why:
      isDenied && port < 1024
        ? "Ports below 1024 belong to root unless the system says otherwise."
        : undefined,
    fix: isDenied ? "Use a port above 1023, or lower net.ipv4.ip_unprivileged_port_start." : undefined,
  });
}

export interface HandoverOptions {
  readonly runDir: string;
  /** Port -> descriptors in the child, all of them the same listening socket. */
  readonly ports: Readonly<Record<number, readonly number[]>>;
  readonly gate?: "closed" | "open" | undefined;
  readonly learn?: boolean | undefined;
  readonly shutdownMessage?: boolean | undefined;
  /** NODE_OPTIONS as the user has them. */
  readonly nodeOptions?: string | undefined;
}

/** The environment that makes an unmodified Node program take over its ports; protocol.ts says what each name means. */
export function handoverEnv(options: HandoverOptions): Record<string, string> {
  const ports = Object.entries(options.ports);
  const env: Record<string, string> = {
    CUTOVER_RUN: options.runDir,
    CUTOVER_LISTEN: JSON.stringify(options.ports),
    CUTOVER_GATE: options.gate ?? "closed",
    CUTOVER_BACKLOG: String(backlog),
    NODE_OPTIONS: `${options.nodeOptions ?? ""} ${requireFlag()}`.trim(),
  };
  if (options.learn === true) env["CUTOVER_LEARN"] = "1";
  if (options.shutdownMessage === true) env["CUTOVER_SHUTDOWN_MESSAGE"] = "1";
  // The systemd convention counts from 3 without gaps. LISTEN_PID is set by the shell that becomes the program.
  const isConsecutive = ports.every(([, descriptors], index) => descriptors[0] === 3 + index);
  if (ports.length > 0 && isConsecutive) {
    env["LISTEN_FDS"] = String(ports.length);
    env["LISTEN_FDNAMES"] = ports.map(([port]) => port).join(":");
  }
  return env;
}

/** A line for /bin/sh that sets NODE_OPTIONS itself, as `NODE_OPTIONS=--x node app.js`, with the preload before what it sets. */
export function keepPreload(commandLine: string): string {
  const assignment = /(^|[\s;&|(])NODE_OPTIONS=/g;
  return preload.includes("'")
    ? commandLine
    : commandLine.replace(assignment, `$1NODE_OPTIONS='${requireFlag()} '`);
}

function requireFlag(): string {
  const quoted = preload.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  return /[\s"\\]/.test(preload) ? `--require "${quoted}"` : `--require ${quoted}`;
}
