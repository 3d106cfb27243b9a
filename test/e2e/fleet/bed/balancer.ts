import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type BalancerKind = "haproxy" | "nginx";

/** A service as the balancer sees it: public port there, port and health path on the servers. */
export interface Backend {
  readonly service: string;
  readonly publicPort: number;
  readonly port: number;
  readonly healthPath: string;
}

export interface Server {
  readonly name: string;
  readonly address: string;
}

/** Writes the balancer's configuration and how it is started, before its machine starts. */
export function equipBalancer(
  directory: string,
  kind: BalancerKind,
  backends: readonly Backend[],
  servers: readonly Server[],
): void {
  const isHaproxy = kind === "haproxy";
  const text = isHaproxy ? haproxyConfig(backends, servers) : nginxConfig(backends, servers);
  const file = isHaproxy ? "etc/haproxy/haproxy.cfg" : "etc/nginx/nginx.conf";
  mkdirSync(join(directory, isHaproxy ? "run/haproxy" : "var/log/nginx"), { recursive: true });
  mkdirSync(join(directory, isHaproxy ? "var/lib/haproxy" : "var/lib/nginx"), { recursive: true });
  writeFileSync(join(directory, file), text);
  const start = isHaproxy
    ? "haproxy -W -D -p /run/haproxy.pid -S /run/haproxy/master.sock -f /etc/haproxy/haproxy.cfg"
    : "nginx";
  writeFileSync(join(directory, "run/start"), `PATH=$PATH:/usr/sbin\n${start} >/var/log/start 2>&1\n`);
}

function haproxyConfig(backends: readonly Backend[], servers: readonly Server[]): string {
  const parts = backends.map(
    ({ service, publicPort, port, healthPath }) => `
frontend fe_${service}
  bind :${publicPort}
  default_backend be_${service}

backend be_${service}
  option httpchk GET ${healthPath}
${servers.map(({ name, address }) => `  server ${name} ${address}:${port} check inter 500ms`).join("\n")}
`,
  );
  return `global
  stats socket /run/haproxy/admin.sock mode 660 level admin
  maxconn 4096

defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${parts.join("")}`;
}

function nginxConfig(backends: readonly Backend[], servers: readonly Server[]): string {
  const parts = backends.map(
    ({ service, publicPort, port }) => `
  upstream be_${service} {
${servers.map(({ address }) => `    server ${address}:${port};`).join("\n")}
    keepalive 32;
  }
  server {
    listen ${publicPort};
    location / {
      proxy_pass http://be_${service};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream off;
    }
  }
`,
  );
  return `user root;
worker_processes 2;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
events { worker_connections 1024; }
http {
  access_log /var/log/nginx/access.log;
${parts.join("")}}
`;
}
