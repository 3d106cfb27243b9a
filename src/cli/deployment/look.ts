import { observeHost } from "../../fleet/observe.ts";
import { runningServices as servicesNow } from "../../fleet/untiring.ts";
import type { Observed } from "../../plan/fleet.ts";
import { homePaths } from "../../process/home.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

/** What is there now, without starting anything: where no supervisor runs, nothing does. */
export async function lookAt(context: Context, io: Io): Promise<Observed> {
  const processes = { services: async () => (await runningServices(io)) ?? [] };
  const host = await observeHost({ name: context.host, app: context.app, place: context.place, processes });
  return { hosts: [host], balancers: [], at: Date.now() };
}

/** null: no supervisor runs. */
export async function runningServices(io: Io): Promise<readonly ServiceStatus[] | null> {
  return await servicesNow(homePaths(io.env));
}
