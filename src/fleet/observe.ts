import type { HostView, ServiceView } from "../plan/fleet.ts";
import type { ServiceStatus } from "../process/protocol.ts";
import { observeReleases } from "../release/observe.ts";
import type { Place } from "../release/place.ts";
import { readEpoch } from "./epoch.ts";
import type { Processes } from "./process-effects.ts";
import { readWish } from "./wish-file.ts";

export interface Observable {
  readonly name: string;
  readonly app: string;
  readonly place: Place;
  readonly processes: Pick<Processes, "services">;
}

/** What is there now: links, release records, running instances. Nothing is remembered between calls. */
export async function observeHost(host: Observable): Promise<HostView> {
  const [epoch, releases, services, wish] = await Promise.all([
    readEpoch(host.place.home),
    observeReleases(host.place),
    host.processes.services(),
    readWish(host.place.home),
  ]);
  return {
    host: host.name,
    reachable: true,
    epoch,
    current: releases.current,
    releases: releases.releases,
    services: services.filter((service) => service.app === host.app).map(viewService),
    ...(wish === null ? {} : { wish }),
  };
}

function viewService(status: ServiceStatus): ServiceView {
  const problem = status.problem ?? status.lastEnd;
  return {
    name: status.name,
    live: status.live,
    instances: status.instances,
    ...(problem === undefined ? {} : { problem }),
  };
}
