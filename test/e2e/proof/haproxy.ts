import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrafficCounters } from "../../../src/plan/traffic.ts";
import { until } from "../bare.ts";

export const hasHaproxy: boolean = existsSync("/usr/sbin/haproxy");

/** A balancer of somebody else over two servers; it tries again elsewhere, or never. */
export interface Balancer {
  counters(): Promise<readonly TrafficCounters[]>;
  close(): Promise<void>;
}

export async function startHaproxy(of: {
  readonly port: number;
  readonly servers: readonly number[];
  readonly retries: boolean;
}): Promise<Balancer> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-proof-"));
  const socket = join(directory, "admin.sock");
  const again = ["retries 3", "option redispatch 1", "retry-on all-retryable-errors"];
  writeFileSync(
    join(directory, "haproxy.cfg"),
    [
      "global",
      `  stats socket ${socket} mode 600`,
      "defaults",
      "  mode http",
      "  timeout connect 2s",
      "  timeout client 10s",
      "  timeout server 10s",
      ...(of.retries ? again : ["retries 0"]).map((line) => `  ${line}`),
      "frontend public",
      `  bind 127.0.0.1:${of.port}`,
      "  default_backend web",
      "backend web",
      ...of.servers.map((port, i) => `  server web-${i} 127.0.0.1:${port}`),
      "",
    ].join("\n"),
  );
  const child = spawn("/usr/sbin/haproxy", ["-db", "-q", "-f", "haproxy.cfg"], {
    cwd: directory,
    stdio: "ignore",
  });
  await until("haproxy answers", () => existsSync(socket));
  return {
    counters: () => readCounters(socket),
    async close() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function readCounters(path: string): Promise<TrafficCounters[]> {
  const socket = net.connect(path);
  socket.end("show stat\n");
  let text = "";
  for await (const piece of socket) text += String(piece);
  const [head = "", ...lines] = text.replace(/^# /, "").trim().split("\n");
  const names = head.split(",");
  const rows = lines.map((line) => {
    const cells = line.split(",");
    return (name: string): string => cells[names.indexOf(name)] ?? "";
  });
  return rows
    .filter((row) => row("pxname") === "web" && row("svname") !== "BACKEND")
    .map((row) => ({
      service: "web",
      server: row("svname"),
      requests: Number(row("stot")),
      failed: Number(row("hrsp_5xx")),
      retries: Number(row("wretr")),
      redispatches: Number(row("wredis")),
    }));
}
