import { isIP } from "node:net";
import type { Comparison } from "../plan/comparison.ts";
import type { BackendServer } from "../plan/traffic.ts";
import { exits, Problem } from "../problem.ts";
import type { TrafficSettings } from "../traffic/driver.ts";

/** Service -> server -> where it answers, as this machine knows it. */
export type Addresses = Readonly<Record<string, Readonly<Record<string, URL>>>>;

/** Of all servers and services of a comparison; `told`: by the balancer. Problem: COMPARE_ADDRESS. */
export function addressesOf(
  { servers, services }: TrafficSettings,
  { canary, control, asks }: Comparison,
  told: readonly BackendServer[] = [],
): Addresses {
  const names = [...canary, ...control];
  const ports = asks.flatMap(({ service }) => {
    const port = services[service]?.port;
    return port === undefined ? [] : [[service, port] as const];
  });
  return Object.fromEntries(
    ports.map(([service, port]) => [
      service,
      Object.fromEntries(
        names.map((name) => {
          const own = told.find((one) => one.service === service && one.server === name)?.address;
          return [name, urlOf(name, [...(servers[name] ?? []), ...(own === undefined ? [] : [own])], port)];
        }),
      ),
    ]),
  );
}

/** As the balancer's configuration names it with its port, else the service's port at its address. */
function urlOf(server: string, known: readonly string[], port: number): URL {
  const place = known.find((word) => hasPort(word)) ?? known.map((word) => atPort(word, port)).find(Boolean);
  if (place !== undefined && place !== null) return new URL(`http://${place}`);
  throw new Problem({
    code: "COMPARE_ADDRESS",
    what: `The balancer's machine does not know the address of ${server}.`,
    why: `It knows ${known.join(", ")}, and resolves none of them.`,
    fix: `Give the address in the config: servers: [{ host: ${server}, address: 10.0.0.5 }].`,
    exit: exits.refused,
  });
}

function hasPort(word: string): boolean {
  const [, host, port] = /^(.+):(\d+)$/.exec(word) ?? [];
  return port !== undefined && isIP((host ?? "").replace(/^\[|\]$/g, "")) !== 0 && isIP(word) === 0;
}

function atPort(word: string, port: number): string | null {
  const version = isIP(word);
  return version === 0 ? null : `${version === 6 ? `[${word}]` : word}:${port}`;
}
