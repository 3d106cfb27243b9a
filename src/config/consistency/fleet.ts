import type { RawConfig, RawServer } from "../raw.ts";
import { isDriven, noBackend } from "../rollout-spec.ts";
import { serversOf } from "../servers.ts";
import type { Issue } from "../validate.ts";

/** Servers and balancers: who must be there, and what must be named. */
export function fleetIssues(config: RawConfig): readonly Issue[] {
  return [
    ...serverIssues(config),
    ...instanceIssues(config),
    ...(isDriven(config.traffic)
      ? [...balancerIssues(config), ...backendIssues(config)]
      : socketIssues(config)),
  ];
}

function serverIssues({ servers }: RawConfig): readonly Issue[] {
  if (servers === undefined) return [];
  const groups: readonly (readonly [readonly string[], readonly RawServer[]])[] = Array.isArray(servers)
    ? [[["servers"], servers]]
    : Object.entries(servers).map(([half, entries]) => [["servers", half], entries]);
  const empty = groups.filter(([, entries]) => entries.length === 0);
  return [
    ...empty.map(([path]) => ({
      path,
      message: `${path.join(".")} names no server`,
      fix: "Name at least one, or leave servers out to deploy to this machine.",
    })),
    ...twiceIssues(groups),
  ];
}

function twiceIssues(
  groups: readonly (readonly [readonly string[], readonly RawServer[]])[],
): readonly Issue[] {
  const owners = new Map<string, string>();
  return groups.flatMap(([path, entries]) =>
    entries.flatMap((entry, index) => {
      const name = serversOf({ servers: [entry] })[0]?.name ?? "";
      const owner = owners.get(name);
      owners.set(name, path.join("."));
      if (owner === undefined) return [];
      const where = owner === path.join(".") ? "twice" : `already in ${owner}`;
      return [
        {
          path: [...path, String(index)],
          message: `${path.join(".")}: ${name} is ${where}`,
          why: "Without user and port its name is what everything calls it, so it has to be the only one.",
          fix: "Remove one of the two entries; two servers behind one address need a Host each in your ssh config.",
        },
      ];
    }),
  );
}

/** Counted here it would be the processors of whoever deploys. */
function instanceIssues({ servers, services }: RawConfig): readonly Issue[] {
  if (servers === undefined) return [];
  const counted = Object.entries(services).filter(([, { instances }]) => instances === "max");
  return counted.map(([name]) => ({
    path: ["services", name, "instances"],
    message: `services.${name}.instances: max is for this machine only`,
    why: "Every server runs the same number of instances, and their processors are not counted.",
    fix: "Give a number (instances: 4).",
  }));
}

function socketIssues({ traffic }: RawConfig): readonly Issue[] {
  if (traffic === undefined) return [];
  const given = [
    ...(traffic.hosts.length > 0 ? ["hosts"] : []),
    ...(["backends", "options"] as const).filter((key) => Object.keys(traffic[key]).length > 0),
  ];
  return given.slice(0, 1).map((key) => ({
    path: ["traffic", key],
    message: `traffic.${key} needs an engine`,
    why: "With the engine socket no balancer is driven.",
    fix: "Set traffic.engine to haproxy, nginx or caddy.",
  }));
}

function balancerIssues({ servers, traffic }: RawConfig): readonly Issue[] {
  const engine = traffic?.engine;
  const issues: Issue[] = [];
  if (servers === undefined)
    issues.push({
      path: ["traffic", "engine"],
      message: `traffic.engine: ${engine} needs servers`,
      why: "A balancer chooses between servers, and this config deploys to the machine it is read on.",
      fix: "Name them (servers: [deploy@10.0.0.5, deploy@10.0.0.6]), or leave traffic out.",
    });
  if (traffic?.hosts.length === 0)
    issues.push({
      path: ["traffic", "engine"],
      message: `traffic.hosts is missing: where ${engine} runs`,
      fix: "Name the machines of the balancer (hosts: [lb@10.0.0.2]).",
    });
  return [...issues, ...sameBalancer(traffic?.hosts ?? [])];
}

function sameBalancer(hosts: readonly string[]): readonly Issue[] {
  const names = serversOf({ servers: hosts }).map(({ name }) => name);
  const index = names.findIndex((name, at) => names.indexOf(name) < at);
  if (index === -1) return [];
  const message = `traffic.hosts: ${names[index]} is twice`;
  return [{ path: ["traffic", "hosts", String(index)], message, fix: "Remove one of the two entries." }];
}

function backendIssues({ services, traffic }: RawConfig): readonly Issue[] {
  const backends = traffic?.backends ?? {};
  const named = Object.keys(backends).flatMap((name): readonly Issue[] => {
    const path = ["traffic", "backends", name];
    const known = `The services are ${Object.keys(services).join(", ")}.`;
    if (!Object.hasOwn(services, name))
      return [
        {
          path,
          message: `traffic.backends: there is no service "${name}"`,
          why: known,
          fix: "Use its name there.",
        },
      ];
    if (services[name]?.port !== undefined || backends[name] === noBackend) return [];
    return [
      {
        path,
        message: `traffic.backends: ${name} has no port`,
        why: "The balancer sends requests to a port of the server.",
        fix: `Give it one (services.${name}.port), or remove it from traffic.backends.`,
      },
    ];
  });
  const missing = Object.entries(services).filter(
    ([name, { port }]) => port !== undefined && !Object.hasOwn(backends, name),
  );
  return [
    ...named,
    ...missing.map(([name]) => ({
      path: ["traffic", "backends"],
      message: `traffic.backends does not say which backend ${name} has`,
      why: `${name} has a port, and a balancer that is not told of it would go on sending requests to a server that is being emptied.`,
      fix: `Name its backend (backends: { ${name}: be_${name} }), or none when only its own server asks it.`,
    })),
  ];
}
