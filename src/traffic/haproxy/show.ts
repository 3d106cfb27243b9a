/** What haproxy's admin socket prints, as data. */

export interface ServerState {
  readonly name: string;
  readonly address: string;
  readonly fqdn: string;
  readonly port: number;
  readonly admin: number;
  readonly weight: number;
  /** The one of the configuration. */
  readonly configured: number;
  readonly fields: Readonly<Record<string, string>>;
}

export interface ServerStats {
  readonly status: string;
  readonly mode: string;
  /** Value by which a client sticks to it; empty: none. */
  readonly cookie: string;
  /** Requests are not divided by the weights alone. */
  readonly isSticky: boolean;
  /** Of the backend; empty: haproxy does not say. */
  readonly algorithm: string;
  readonly sessions: number;
  readonly requests: number;
  readonly failed: number;
  readonly retries: number;
  readonly redispatches: number;
}

export interface MapRow {
  readonly key: string;
  readonly value: string;
}

/** Bits of srv_admin_state: 1 maintenance, 2 inherited, 8 drain, 16 inherited, 32 for want of an address. */
const outOfService = 1 | 2 | 8 | 16 | 32;
/** `disabled` in the configuration. */
export const disabledInConfig = 4;

export function takesTraffic(server: ServerState): boolean {
  return (server.admin & outOfService) === 0;
}

/** `show servers state BACKEND` */
export function parseServers(text: string): ServerState[] {
  const lines = text.split("\n");
  const names = (lines.find((line) => line.startsWith("# ")) ?? "").slice(2).split(" ");
  return lines
    .filter((line) => /^\d+ \S+ \d+ \S+ /.test(line))
    .map((line) => {
      const words = line.split(" ");
      const fields = Object.fromEntries(names.map((name, i) => [name, words[i] ?? "-"]));
      const number = (name: string): number => Number(fields[name]);
      return {
        name: fields["srv_name"] ?? "",
        address: fields["srv_addr"] ?? "-",
        fqdn: fields["srv_fqdn"] ?? "-",
        port: number("srv_port"),
        admin: number("srv_admin_state"),
        weight: number("srv_uweight"),
        configured: number("srv_iweight"),
        fields,
      };
    });
}

const byWeight = /^(roundrobin|static-rr|random)/;

/** `show stat`, the servers of one backend by name. */
export function parseStats(text: string, backend: string): ReadonlyMap<string, ServerStats> {
  const [head = "", ...lines] = text.split("\n");
  const names = head.replace(/^# /, "").split(",");
  const fieldsOf = (line: string) => {
    const words = line.split(",");
    return (name: string): string => words[names.indexOf(name)] ?? "";
  };
  const own = lines.map(fieldsOf).filter((field) => field("pxname") === backend);
  const algorithm = own.find((field) => field("svname") === "BACKEND")?.("algo") ?? "";
  const stats = new Map<string, ServerStats>();
  for (const field of own.filter((one) => one("svname") !== "BACKEND")) {
    const number = (name: string): number => Number(field(name) || 0);
    stats.set(field("svname"), {
      status: field("status"),
      mode: field("mode"),
      cookie: field("cookie"),
      isSticky: field("cookie") !== "" || (algorithm !== "" && !byWeight.test(algorithm)),
      algorithm,
      sessions: number("scur") + number("qcur"),
      requests: number("stot"),
      failed: number("hrsp_5xx"),
      retries: number("wretr"),
      redispatches: number("wredis"),
    });
  }
  return stats;
}

/** `show map FILE` */
export function parseMap(text: string): MapRow[] {
  return text
    .split("\n")
    .map((line) => /^0x[0-9a-f]+ (\S+) (.*)$/.exec(line))
    .flatMap((found) => (found === null ? [] : [{ key: found[1] ?? "", value: found[2] ?? "" }]));
}
