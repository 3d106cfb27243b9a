import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../bare.ts";

const isRoot = process.getuid?.() === 0;

/** Debian calls it php-fpm8.2. */
export function findPhpFpm(): string | undefined {
  const name = readdirSync("/usr/sbin").find((file) => /^php-fpm[\d.]*$/.test(file));
  return name === undefined ? undefined : join("/usr/sbin", name);
}

export function findNginx(): string | undefined {
  return ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));
}

/** A server of somebody else, with its own configuration, as the current user. */
export interface WebServer {
  readonly pidFile: string;
  stop(): Promise<void>;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly pidFile: string;
  readonly signal: NodeJS.Signals;
}

async function startServer(program: Program): Promise<WebServer> {
  const { command, args, pidFile, signal } = program;
  const child: ChildProcess = spawn(command, args, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until(`${command} writes its pid`, () => existsSync(pidFile));
  return {
    pidFile,
    async stop(): Promise<void> {
      child.kill(signal);
      await ended;
    },
  };
}

/** Answers everything on 127.0.0.1:port from `root`, a path through the link `current`; PHP when there is a `socket`. */
export async function startNginx(options: {
  readonly directory: string;
  readonly port: number;
  readonly root: string;
  readonly socket?: string;
}): Promise<WebServer> {
  const { directory, port, root, socket } = options;
  mkdirSync(directory, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const php = `location / {
      fastcgi_param SCRIPT_FILENAME $realpath_root/index.php;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_pass unix:${socket};
    }`;
  const config = `daemon off;
${isRoot ? "user root;" : ""}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    root ${root};
    ${socket === undefined ? "location / { index index.json; }" : php}
  }
}
`;
  const file = join(directory, "nginx.conf");
  writeFileSync(file, config);
  const args = ["-c", file, "-p", directory, "-e", join(directory, "error.log")];
  const pidFile = join(directory, "nginx.pid");
  return await startServer({ command: findNginx() ?? "nginx", args, pidFile, signal: "SIGQUIT" });
}

/** Two workers and opcache as Debian sets it up; a reload lets requests under way finish. */
export async function startPhpFpm(directory: string, socket: string): Promise<WebServer> {
  mkdirSync(directory, { recursive: true });
  const config = `[global]
pid = ${directory}/fpm.pid
error_log = ${directory}/fpm.log
daemonize = no
process_control_timeout = 10s
[www]
${isRoot ? "user = root\ngroup = root" : ""}
listen = ${socket}
pm = static
pm.max_children = 2
`;
  const file = join(directory, "fpm.conf");
  writeFileSync(file, config);
  const args = ["--nodaemonize", "--fpm-config", file, ...(isRoot ? ["--allow-to-run-as-root"] : [])];
  const pidFile = join(directory, "fpm.pid");
  const server = await startServer({ command: findPhpFpm() ?? "php-fpm", args, pidFile, signal: "SIGQUIT" });
  await until("php-fpm listens", () => existsSync(socket));
  return server;
}
