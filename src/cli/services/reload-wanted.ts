import { isEcosystemFile } from "../../config/ecosystem/read.ts";
import type { CommandInput, Io } from "../command.ts";
import { apply } from "./apply.ts";
import { findSupervisor, openSupervisor } from "./connect.ts";
import { selectServices } from "./select.ts";
import { asKnown, wantedOf } from "./wanted.ts";

/** What reload and restart do: names and ids must be known, an ecosystem file is applied as a whole. */
export async function reloadWanted(input: CommandInput, io: Io): Promise<void> {
  const known = await findSupervisor(io);
  const services = (await known?.services({ secrets: true })) ?? [];
  const names = input.positionals.filter((word) => !isEcosystemFile(word));
  const isByName = names.length > 0 && names.length === input.positionals.length;
  const wanted = isByName
    ? selectServices(names, services).map((service) => asKnown(service, input, io))
    : await wantedOf(input, io, services);
  if (wanted.length === 0) io.print("There are no services.");
  else await apply(wanted, known ?? (await openSupervisor(io)), io);
}
