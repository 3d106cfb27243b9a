import { exits } from "../../problem.ts";
import type { Exit } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { DrainResult } from "../../process/protocol.ts";
import type { CommandInput, Io } from "../command.ts";
import { chosenServices } from "./connect.ts";
import { asLabelled, keyOf, labelOf } from "./label.ts";
import { stoppedText } from "./outcome.ts";
import { withProgress } from "./progress.ts";
import { together } from "./together.ts";

export interface Ending {
  /** What has happened to the service: "stopped", "deleted". */
  readonly done: string;
  end(client: SupervisorClient, key: string): Promise<DrainResult>;
}

/** What stop and delete do with the chosen services, all at once. */
export async function endServices(input: CommandInput, io: Io, ending: Ending): Promise<Exit> {
  const chosen = await chosenServices(input.positionals, input.name, io);
  if (chosen === null) return exits.done;
  const { client, services } = chosen;
  await withProgress(client, new Set(services.map(keyOf)), io, () =>
    together(services, async (service) => {
      const result = await asLabelled(service, () => ending.end(client, keyOf(service)));
      io.print(stoppedText(ending.done, service, result));
    }),
  );
  io.result({ services: services.map((service) => ({ name: labelOf(service) })) });
  return exits.done;
}
