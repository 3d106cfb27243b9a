import { exits } from "../../problem.ts";
import { usageProblem } from "../arguments.ts";
import type { Command } from "../command.ts";
import { findSupervisor } from "../services/connect.ts";
import { isSet } from "../services/flags.ts";
import { labelOf } from "../services/label.ts";
import { selectServices } from "../services/select.ts";

export const command: Command = {
  summary: "the environment of a service, values hidden",
  usage: "NAME|ID [--reveal]",
  options: { reveal: { type: "boolean", about: "print the values" } },
  positionals: 1,
  async run(input, io) {
    const [word] = input.positionals;
    if (word === undefined) throw usageProblem(input.name, '"cutover env" needs a name or an id.');
    const reveal = isSet(input.flags, "reveal");
    const client = await findSupervisor(io);
    const services = selectServices([word], (await client?.services({ secrets: reveal })) ?? []);
    for (const service of services) {
      if (services.length > 1) io.print(`# ${labelOf(service)}`);
      for (const [name, value] of Object.entries(service.spec.env))
        io.print(`${name}=${reveal ? value : "***"}`);
    }
    io.result({ services: services.map((service) => ({ name: labelOf(service), env: service.spec.env })) });
    return exits.done;
  },
};
