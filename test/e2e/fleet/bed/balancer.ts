import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type BalancerKind = "haproxy" | "nginx" | "caddy";

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
  const { file, places, config, start } = kinds[kind];
  for (const place of places) mkdirSync(join(directory, place), { recursive: true });
  writeFileSync(join(directory, file), config(backends, servers));
  writeFileSync(join(directory, "run/start"), `PATH=$PATH:/usr/sbin\n${start} >/var/log/start 2>&1\n`);
}

interface Kind {
  readonly file: string;
  readonly places: readonly string[];
  readonly config: (backends: readonly Backend[], servers: readonly Server[]) => string;
  readonly start: string;
}

const kinds: Readonly<Record<BalancerKind, Kind>> = {
  haproxy: {
    file: "etc/haproxy/haproxy.cfg",
    places: ["run/haproxy", "var/lib/haproxy"],
    config: haproxyConfig,
    start: "haproxy -W -D -p /run/haproxy.pid -S /run/haproxy/master.sock -f /etc/haproxy/haproxy.cfg",
  },
  nginx: {
    file: "etc/nginx/nginx.conf",
    places: ["var/log/nginx", "var/lib/nginx"],
    config: nginxConfig,
    start: "nginx",
  },
  caddy: {
    file: "etc/caddy/Caddyfile",
    places: ["var/lib/caddy"],
    config: caddyConfig,
    start: "XDG_DATA_HOME=/var/lib XDG_CONFIG_HOME=/var/lib caddy start --config /etc/caddy/Caddyfile",
  },
};

function caddyConfig(backends: readonly Backend[], servers: readonly Server[]): string {
  const sites = backends.map(({ publicPort, port }) => {
    const to = servers.map(({ address }) => `${address}:${port}`).join(" ");
    return `\n:${publicPort} {\n\treverse_proxy ${to}\n}\n`;
  });
  return `{\n\tauto_https off\n}\n${sites.join("")}`;
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
