import type { TrafficSettings } from "../../traffic/driver.ts";
import type { About, BalancerEnd, HostEnd } from "../end.ts";

/** What an operator asks an agent to be; one connection may carry several. */
export type Opening = HostOpening | BalancerOpening;

export interface HostOpening {
  readonly role: "host";
  readonly name: string;
  readonly app: string;
  /** Directory of the app, absolute. */
  readonly path: string;
  /** "write" creates what is missing. */
  readonly access: "read" | "write";
}

export interface BalancerOpening {
  readonly role: "balancer";
  readonly name: string;
  readonly app: string;
  readonly settings: TrafficSettings;
}

export interface Opened {
  /** Methods of the end are asked for as `<index>.<method>`. */
  readonly index: number;
  readonly about: About;
}

/** Where the ends of an agent come from: this machine. */
export interface Openers {
  readonly host: (opening: HostOpening) => Promise<HostEnd>;
  readonly balancer?: (opening: BalancerOpening) => Promise<BalancerEnd>;
}
