import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, freePort, stopBare, until } from "../e2e/bare.ts";
import { runProgram, type Ran } from "../e2e/host.ts";
import { familyOf } from "./process-figures.ts";

/** Something that answers on a port, measured beside the others. */
export interface Target {
  readonly name: string;
  readonly port: number;
  pids(): Promise<readonly number[]>;
  /** New processes of the program: how well one of them was compiled must not decide. */
  renew?(): Promise<void>;
  close(): Promise<void>;
}

/** PM2 from npm in a directory of its own, with its own daemon. */
export interface Pm2 {
  run(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  daemonPid(): Promise<number>;
  close(): Promise<void>;
}

export async function installPm2(directory: string): Promise<Pm2> {
  const cwd = join(directory, "pm2");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "package.json"), "{}");
  const installed = await runProgram(
    "npm",
    ["install", "pm2@7.0.4", "--no-audit", "--no-fund", "--ignore-scripts"],
    {
      cwd,
      env: process.env,
    },
  );
  if (installed.exit !== 0) throw new Error(installed.stderr);
  const home = join(cwd, "home");
  const run: Pm2["run"] = (words, more) =>
    runProgram(process.execPath, [join(cwd, "node_modules/pm2/bin/pm2"), ...words], {
      cwd,
      env: { ...process.env, PM2_HOME: home, ...more },
    });
  return {
    run,
    async daemonPid() {
      const { stdout } = await runProgram("cat", [join(home, "pm2.pid")], { cwd, env: process.env });
      return Number(stdout);
    },
    close: async () => void (await run(["kill"])),
  };
}

export async function pm2Target(
  pm2: Pm2,
  options: {
    readonly name: string;
    readonly script: string;
    readonly flags: readonly string[];
    readonly env: Record<string, string>;
  },
): Promise<Target> {
  const port = await freePort();
  const { name, script, flags, env } = options;
  const id = name.replaceAll(/\W+/g, "-");
  await pm2.run(["start", script, "--name", id, ...flags], { ...env, PORT: String(port) });
  await until(`${name} answers`, () => answers(`http://127.0.0.1:${port}/`));
  return {
    name,
    port,
    pids: async () => familyOf(await pm2.daemonPid()),
    close: async () => void (await pm2.run(["delete", id])),
  };
}

async function proxyTarget(
  name: string,
  argv: readonly [string, ...string[]],
  options: { readonly port: number; readonly behind: Target; readonly cwd: string },
): Promise<Target> {
  const [command, ...args] = argv;
  const child: ChildProcess = spawn(command, args, { cwd: options.cwd, stdio: "ignore" });
  await Promise.race([
    until(`${name} answers`, () => answers(`http://127.0.0.1:${options.port}/`)),
    once(child, "exit").then(() => Promise.reject(new Error(`${name} ended`))),
  ]);
  return {
    name,
    port: options.port,
    pids: async () => [...familyOf(child.pid ?? 0), ...(await options.behind.pids())],
    close: () => stopBare(child),
  };
}

export async function nginxTarget(directory: string, behind: Target): Promise<Target> {
  const port = await freePort();
  const cwd = join(directory, "nginx");
  mkdirSync(cwd);
  const config = `
    daemon off; pid ${cwd}/pid; error_log ${cwd}/error.log; worker_processes 1;
    events { worker_connections 1024; }
    http {
      access_log off; client_body_temp_path ${cwd}/a; proxy_temp_path ${cwd}/b; fastcgi_temp_path ${cwd}/c;
      uwsgi_temp_path ${cwd}/d; scgi_temp_path ${cwd}/e;
      upstream app { server 127.0.0.1:${behind.port}; keepalive 64; }
      server {
        listen 127.0.0.1:${port} backlog=4096;
        location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }
    }`;
  writeFileSync(join(cwd, "nginx.conf"), config);
  return await proxyTarget("nginx in front", ["/usr/sbin/nginx", "-p", cwd, "-c", join(cwd, "nginx.conf")], {
    port,
    behind,
    cwd,
  });
}

export async function haproxyTarget(directory: string, behind: Target): Promise<Target> {
  const port = await freePort();
  const config = `
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend public
  bind 127.0.0.1:${port} backlog 4096
  default_backend app
backend app
  server one 127.0.0.1:${behind.port} pool-max-conn 64
`;
  writeFileSync(join(directory, "haproxy.cfg"), config);
  return await proxyTarget(
    "haproxy in front",
    ["/usr/sbin/haproxy", "-db", "-f", join(directory, "haproxy.cfg")],
    {
      port,
      behind,
      cwd: directory,
    },
  );
}
