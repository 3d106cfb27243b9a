import type { AppSpec, ServiceSpec } from "../../plan/spec.ts";
import type { Expectation } from "../../proof/load.ts";

/** What is asked all through a deployment. */
export interface Target {
  /** Whose health path it is; absent: what proof.url says. */
  readonly service?: string | undefined;
  readonly url: string;
  /** Host that is connected to in place of the one in `url`. */
  readonly at?: string | undefined;
  readonly expect: Expectation;
}

/** Targets that stand for the same clients; one of them that does not answer is left out, and told. */
export type Way = readonly Target[];

/** What a deployment goes between, as far as clients see it: the specs of the live release and of the new one. */
export interface Between {
  readonly live: AppSpec | null;
  readonly next: AppSpec;
}

export interface Place {
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number | undefined;
  readonly at?: string | undefined;
}

/** The health path of a service there, and what its health check expects. */
export function targetAt({ isTls, host, port, at }: Place, { name: service, health }: ServiceSpec): Target {
  if (health.kind !== "http") throw new Error("only a service with a health path can be asked");
  const { path, expect, body } = health;
  const status = expect === "any-below-500" ? "below-500" : expect;
  const name = host.includes(":") ? `[${host}]` : host;
  const usual = isTls ? 443 : 80;
  return {
    service,
    url: `${isTls ? "https" : "http"}://${name}${port === usual ? "" : `:${port}`}${path}`,
    ...(at === undefined ? {} : { at }),
    expect: { status, body },
  };
}

export function pathOf(service: ServiceSpec | undefined): string | undefined {
  return service?.health.kind === "http" ? service.health.path : undefined;
}

/** Of the release before; the same one where nobody knows its settings. */
export function earlierOf(service: ServiceSpec, { live }: Between): ServiceSpec | undefined {
  return live === null ? service : live.services.find(({ name }) => name === service.name);
}

/** As it is told to people. */
export function nameTarget({ url, at }: Target): string {
  return at === undefined ? url : `${url} at ${at}`;
}
