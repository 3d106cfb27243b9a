import { hostname } from "node:os";
import type { Config } from "../../config/load.ts";
import type { BalancerEnd, HostEnd } from "../../fleet/end.ts";
import type { Ends } from "../../fleet/fleet-of-ends.ts";
import type { Access } from "../../fleet/local-end.ts";
import { isLost } from "../../fleet/lost.ts";
import { reconnecting } from "../../fleet/reconnecting.ts";
import { balancerMethods, hostMethods, type Methods } from "../../fleet/rpc/methods.ts";
import { parseAddress } from "../../fleet/ssh/address.ts";
import type { Connection } from "../../fleet/ssh/connect.ts";
import type { Known } from "../../fleet/stand-in.ts";
import { unreachableEnd } from "../../fleet/unreachable.ts";
import { exits, isProblem, Problem } from "../../problem.ts";
import type { TrafficSettings } from "../../traffic/driver.ts";
import type { Io } from "../command.ts";
import { cutoverVersion } from "../version.ts";

/**
 * Every server and balancer of the config, over one connection to each machine; without `servers:` this machine. "read": one
 * that cannot be reached says so at every call. "write": it is refused here, with HOST_UNREACHABLE.
 */
export async function openEnds(config: Config, io: Io, access: Access): Promise<Ends> {
  const connect = connections(io);
  const settled = await Promise.allSettled([
    openHosts(config, io, { access, connect }),
    openBalancers(config, { access, connect }),
  ]);
  const [hosts, balancers] = settled;
  if (hosts.status === "fulfilled" && balancers.status === "fulfilled")
    return { hosts: hosts.value, balancers: balancers.value };
  for (const one of settled)
    if (one.status === "fulfilled") for (const end of one.value) await end.close().catch(() => undefined);
  throw hosts.status === "rejected" ? hosts.reason : balancers.status === "rejected" && balancers.reason;
}

interface Way {
  readonly access: Access;
  readonly connect: Connect;
}

async function openHosts(config: Config, io: Io, { access, connect }: Way): Promise<readonly HostEnd[]> {
  const { app, path } = config.spec;
  if (config.servers.length === 0) {
    const { openLocalEnd } = await import("../../fleet/local-end.ts");
    const { runMigration } = await import("./migration.ts");
    const here = { name: hostname(), app, path, access, env: io.env };
    return [await openLocalEnd({ ...here, version: cutoverVersion(), migrate: runMigration })];
  }
  return await openAll(config.servers, { methods: hostMethods, access }, ({ destination }) => {
    const next = connect(destination);
    return async () => await (await next()).openHost({ app, path, access });
  });
}

async function openBalancers(config: Config, { access, connect }: Way): Promise<readonly BalancerEnd[]> {
  const settings = trafficSettings(config);
  if (settings === undefined) return [];
  const addresses = config.balancers.map((destination) => ({
    destination,
    name: parseAddress(destination).name,
  }));
  return await openAll(addresses, { methods: balancerMethods, access }, ({ destination }) => {
    const next = connect(destination);
    return async () => await (await next()).openBalancer({ app: config.spec.app, settings });
  });
}

/** What the balancers have to know of the servers and services of this app. */
function trafficSettings({ spec, servers, rollout }: Config): TrafficSettings | undefined {
  const { traffic } = spec;
  if (traffic === undefined) return undefined;
  const names = servers.map(({ name, address }) => {
    const known = [name, address, traffic.addresses[name]].filter((one) => one !== undefined);
    return [name, [...new Set(known)]] as const;
  });
  const ports = spec.services.flatMap(({ name, port, health }) =>
    port === undefined
      ? []
      : [[name, { port, healthPath: health.kind === "http" ? health.path : undefined }] as const],
  );
  return {
    spec: traffic,
    servers: Object.fromEntries(names),
    services: Object.fromEntries(ports),
    cohort: rollout.canary?.match,
    hasShares: rollout.canary?.steps.some((step) => step < 1) ?? false,
  };
}

/** For one end: the connection to its machine, at every further call a new one. */
type Connect = (destination: string) => () => Promise<Connection>;

/** All ends on a machine share its connection; one that was lost is replaced for all of them together. */
function connections(io: Io): Connect {
  const present = new Map<string, Promise<Connection>>();
  return (destination) => {
    let mine: Promise<Connection> | undefined;
    return async () => {
      if (mine !== undefined && present.get(destination) === mine) present.delete(destination);
      mine = present.get(destination) ?? dial(destination, io);
      present.set(destination, mine);
      return await mine;
    };
  };
}

async function dial(destination: string, io: Io): Promise<Connection> {
  const { connectServer } = await import("../../fleet/ssh/connect.ts");
  const tell = (text: string): void => io.emit({ event: "note", text });
  return await connectServer(destination, { env: io.env, tell });
}

interface Named {
  readonly name: string;
}

interface Failure extends Named {
  readonly error: unknown;
}

type Opened<End> = { readonly end: End } | Failure;

async function openAll<End extends Known, Address extends Named>(
  addresses: readonly Address[],
  { methods, access }: { readonly methods: Methods<End>; readonly access: Access },
  openerOf: (address: Address) => () => Promise<End>,
): Promise<readonly End[]> {
  const opened = await Promise.all(
    addresses.map((address): Promise<Opened<End>> => {
      const open = openerOf(address);
      return open().then(
        (first) => ({ end: reconnecting(methods, first, open) }),
        (error: unknown) => ({ name: address.name, error }),
      );
    }),
  );
  const failures = opened.filter((one) => "error" in one);
  if (access === "read" && failures.every(({ error }) => isLost(error)))
    return opened.map((one) => ("end" in one ? one.end : unreachableEnd(methods, one)));
  if (failures.length === 0) return opened.flatMap((one) => ("end" in one ? [one.end] : []));
  for (const one of opened) if ("end" in one) await one.end.close().catch(() => undefined);
  throw refusal(failures);
}

/** What one of them says is told with its name; of many that cannot be reached, all the names. */
function refusal(failures: readonly Failure[]): unknown {
  const failure = failures.find((one) => !isLost(one.error)) ?? failures[0];
  const error = failure?.error;
  if (failure === undefined || !isProblem(error)) return error;
  if (failures.length === 1 || !isLost(error)) return withName(failure.name, error);
  const reasons = failures.flatMap((failure) => (isProblem(failure.error) ? [failure.error.message] : []));
  return new Problem(
    {
      code: "HOST_UNREACHABLE",
      what: `${failures.map(({ name }) => name).join(", ")} cannot be reached.`,
      why: [...new Set(reasons)].join(" "),
      fix: error.detail.fix,
      state: "Nothing was changed.",
      exit: exits.refused,
    },
    { cause: error },
  );
}

function withName(name: string, error: Problem): Problem {
  const { detail, cause } = error;
  if (detail.what.includes(name)) return error;
  return new Problem({ ...detail, what: `${name}: ${detail.what}` }, { cause });
}
