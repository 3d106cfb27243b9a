import { existsSync } from "node:fs";
import { isProblem } from "../../problem.ts";
import { connectSupervisor } from "../../process/client.ts";
import type { SupervisorClient } from "../../process/client.ts";
import { homePaths } from "../../process/home.ts";
import type { HomePaths } from "../../process/home.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import { usageProblem } from "../arguments.ts";
import type { Io } from "../command.ts";
import { selectServices } from "./select.ts";

export function homeOf(io: Io): HomePaths {
  return homePaths(io.env);
}

/** The supervisor; started when there is none. */
export async function openSupervisor(io: Io): Promise<SupervisorClient> {
  return connectSupervisor(homeOf(io), { start: true });
}

/** The running supervisor, or null. */
export async function runningSupervisor(io: Io): Promise<SupervisorClient | null> {
  try {
    return await connectSupervisor(homeOf(io), { start: false });
  } catch (error) {
    if (isProblem(error) && error.detail.code === "SUPERVISOR_DOWN") return null;
    throw error;
  }
}

/** As openSupervisor, but null where nothing was ever started: then there is nothing to look after. */
export async function findSupervisor(io: Io): Promise<SupervisorClient | null> {
  return existsSync(homeOf(io).state) ? openSupervisor(io) : runningSupervisor(io);
}

export interface Chosen {
  readonly client: SupervisorClient;
  readonly services: readonly ServiceStatus[];
}

/** Supervisor and the services that the words mean; null: "all" of none. An unknown word is a Problem. */
export async function chosenServices(words: readonly string[], name: string, io: Io): Promise<Chosen | null> {
  if (words.length === 0) throw usageProblem(name, `"cutover ${name}" needs a name, an id or "all".`);
  const client = await findSupervisor(io);
  const services = selectServices(words, (await client?.services({ secrets: true })) ?? []);
  if (client !== null && services.length > 0) return { client, services };
  io.print("There are no services.");
  return null;
}
