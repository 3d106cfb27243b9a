/** A valid config as written, stages laid over, defaults filled in. Durations and sizes are still text. */
export interface RawConfig {
  readonly app: string;
  readonly source: string | { readonly git?: string; readonly branch: string; readonly artifact?: string };
  readonly servers?: readonly RawServer[] | Readonly<Record<string, readonly RawServer[]>>;
  readonly path: string;
  readonly shared: { readonly dirs: readonly string[]; readonly files: readonly string[] };
  readonly writable: readonly string[];
  readonly env?: { readonly template: string; readonly to: string; readonly vars: RawEnv };
  readonly build: {
    readonly run: readonly string[];
    readonly where: "server" | "here";
    readonly cache: Readonly<Record<string, string>>;
    readonly timeout: string;
  };
  readonly migrate?: { readonly run: string; readonly on?: string; readonly timeout: string };
  readonly services: Readonly<Record<string, RawService>>;
  readonly traffic?: RawTraffic;
  readonly rollout: RawRollout;
  readonly proof: RawProof | false;
  readonly hooks: Readonly<
    Record<"before-switch" | "after-switch" | "after-deploy" | "on-failure", readonly string[]>
  > & { readonly timeout: string };
  readonly assets?: { readonly path: string; readonly keep: string };
  readonly notify?: RawNotify;
  readonly freeze: readonly Freeze[];
  readonly keep: number;
}

export type RawServer = string | { readonly host: string; readonly address?: string };

export interface RawTraffic {
  readonly engine: "socket" | "haproxy" | "nginx" | "caddy";
  readonly hosts: readonly string[];
  readonly backends: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface RawRollout {
  readonly strategy: "rolling" | "recreate" | "blue-green" | "canary";
  readonly batch: number | string;
  readonly capacity: string;
  readonly surge: number | "all";
  readonly bake: string;
  readonly "keep-warm": string;
  readonly canary?: {
    readonly match?: { readonly header?: string; readonly cookie?: string; readonly regex: string };
    readonly steps?: readonly string[];
    readonly hold: string;
    readonly judge?: RawJudge | false;
  };
}

export interface RawJudge {
  readonly errors: boolean;
  readonly latency: boolean;
  readonly split: boolean;
  readonly "on-harm": "abort" | "pause";
  readonly "dry-run": boolean;
  readonly rate: number;
  readonly within: string;
  readonly paths?: readonly string[];
  readonly "warm-up": string;
  readonly "pre-check": string;
  readonly check?: string;
}

export interface RawProof {
  readonly url?: string;
  readonly rate: number;
  readonly "release-header": string;
  readonly upload?: string;
  readonly stream?: string;
  readonly websocket?: string;
}

export type RawEnv = Readonly<Record<string, string | number | boolean>>;

export interface RawNotify {
  readonly webhook?: string | undefined;
  readonly slack?: string | undefined;
  readonly on: readonly ("failure" | "rollback" | "success")[];
}

/** "Fri 18:00" to "Mon 08:00", every week, in the zone. */
export interface Freeze {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

export interface RawService {
  readonly run?: string | readonly string[];
  readonly dir: string;
  readonly port?: number;
  readonly host?: string;
  readonly instances: number | "max";
  readonly health?: RawHealth;
  readonly boot: string;
  readonly drain: string;
  readonly stop: { readonly signal: string; readonly timeout: string };
  readonly restart: {
    readonly auto: boolean;
    readonly "max-in-row": number;
    readonly "first-delay": string;
    readonly "max-delay": string;
  };
  readonly memory?: string;
  readonly env?: RawEnv;
  readonly engine: "builtin" | "php-fpm" | "static";
  readonly handover: "auto" | "preload" | "relay";
  readonly reload?: string;
  readonly after: readonly string[];
  readonly fatal: readonly string[];
  readonly cron?: string;
  readonly logs: { readonly size: string; readonly keep: number };
}

export interface RawHealth {
  readonly path?: string;
  readonly tcp?: boolean;
  readonly command?: string;
  readonly message?: boolean;
  readonly notify?: boolean;
  readonly none?: boolean;
  readonly expect: number;
  readonly body?: string;
  readonly interval: string;
  readonly "healthy-after": number;
  readonly timeout: string;
  readonly "min-uptime": string;
  readonly warm: readonly string[];
}
