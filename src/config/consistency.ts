import { fleetIssues } from "./consistency/fleet.ts";
import { proofIssues } from "./consistency/proof.ts";
import { rolloutIssues } from "./consistency/rollout.ts";
import type { RawConfig, RawHealth, RawService } from "./raw.ts";
import type { Issue } from "./validate.ts";

/** What no single key shows: names that must exist, things that need or exclude each other. */
export function inconsistencies(config: RawConfig): readonly Issue[] {
  const services = Object.entries(config.services);
  return [
    ...sourceIssues(config),
    ...services.flatMap(([name, service]) => serviceIssues(name, service, Object.keys(config.services))),
    ...portIssues(services),
    ...orderIssues(services),
    ...migrateIssues(config),
    ...fleetIssues(config),
    ...rolloutIssues(config),
    ...proofIssues(config),
  ];
}

function sourceIssues({ source }: RawConfig): readonly Issue[] {
  if (typeof source === "string" || (source.git === undefined) !== (source.artifact === undefined)) {
    return [];
  }
  return [{ path: ["source"], message: "source: give either git or artifact" }];
}

function serviceIssues(name: string, service: RawService, known: readonly string[]): readonly Issue[] {
  const path = ["services", name];
  const issues: Issue[] = [];
  const add = (key: string, message: string): void => {
    issues.push({ path: [...path, key], message: `services.${name}${message}` });
  };
  if (service.engine === "builtin" && service.run === undefined) {
    add("run", ".run is missing (run: npm run start:prod)");
  }
  if (service.engine === "builtin" && service.reload !== undefined) {
    add("reload", ".reload is for the engines php-fpm and static");
  }
  if (service.engine !== "builtin" && service.run !== undefined) {
    add("run", `.run has no meaning with the engine ${service.engine}, which runs no program of cutover's`);
  }
  if (service.engine === "builtin" && service.port !== undefined && service.health === undefined) {
    add("health", ' needs health: a path ("/health"), tcp, message, notify, or none');
  }
  for (const other of service.after) {
    if (!known.includes(other)) {
      add("after", `.after: there is no service "${other}"`);
    }
  }
  return [...issues, ...healthIssues(name, service)];
}

function healthIssues(name: string, service: RawService): readonly Issue[] {
  const path = ["services", name, "health"];
  const { health } = service;
  if (health === undefined) {
    return [];
  }
  const kinds = healthKinds(health);
  if (kinds.length !== 1) {
    const got = kinds.length === 0 ? "none of them" : kinds.join(" and ");
    const message = `services.${name}.health: give one of path, tcp, command, message, notify or none; got ${got}`;
    return [{ path, message }];
  }
  const needsPort = kinds[0] === "path" || kinds[0] === "tcp";
  return needsPort && service.port === undefined && service.engine === "builtin"
    ? [{ path, message: `services.${name}.health: ${kinds[0]} needs a port` }]
    : [];
}

function healthKinds(health: RawHealth): readonly string[] {
  const named = (["path", "command"] as const).filter((kind) => health[kind] !== undefined);
  const switched = (["tcp", "message", "notify", "none"] as const).filter((kind) => health[kind] === true);
  return [...named, ...switched];
}

function portIssues(services: readonly (readonly [string, RawService])[]): readonly Issue[] {
  const owners = new Map<string, string>();
  return services.flatMap(([name, { port, host }]) => {
    if (port === undefined) {
      return [];
    }
    const key = `${host ?? ""} ${port}`;
    const owner = owners.get(key);
    owners.set(key, owner ?? name);
    return owner === undefined
      ? []
      : [
          {
            path: ["services", name, "port"],
            message: `services.${name}.port: ${port} is already that of ${owner}`,
          },
        ];
  });
}

/** Services may wait for each other, not in a circle. */
function orderIssues(services: readonly (readonly [string, RawService])[]): readonly Issue[] {
  const after = new Map(services.map(([name, service]) => [name, service.after]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) {
      return [...trail.slice(trail.indexOf(name)), name];
    }
    if (done.has(name)) {
      return undefined;
    }
    for (const other of after.get(name) ?? []) {
      const circle = visit(other, [...trail, name]);
      if (circle !== undefined) {
        return circle;
      }
    }
    done.add(name);
    return undefined;
  };
  for (const [name] of services) {
    const circle = visit(name, []);
    if (circle !== undefined) {
      const message = `services.${circle[0]}.after: the services wait for each other in a circle (${circle.join(" after ")})`;
      return [{ path: ["services", circle[0] ?? "", "after"], message }];
    }
  }
  return [];
}

function migrateIssues({ migrate, services }: RawConfig): readonly Issue[] {
  const on = migrate?.on;
  return on === undefined || Object.hasOwn(services, on)
    ? []
    : [{ path: ["migrate", "on"], message: `migrate.on: there is no service "${on}"` }];
}
