import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";
import { apply } from "../services/apply.ts";
import { homeOf, openSupervisor } from "../services/connect.ts";
import { keyOf } from "../services/label.ts";
import { takeKilled } from "../services/leave.ts";
import { counted } from "../services/outcome.ts";
import { asKnown } from "../services/wanted.ts";

export const command: Command = {
  summary: "start the supervisor with the services it had, and those that kill ended",
  usage: "",
  options: {},
  positionals: 0,
  async run(input, io) {
    const client = await openSupervisor(io);
    const killed = takeKilled(homeOf(io));
    const services = await client.services({ secrets: true });
    const wanted = services.filter(
      (service) => service.state === "stopped" && killed.includes(keyOf(service)),
    );
    await apply(
      wanted.map((service) => asKnown(service, input, io)),
      client,
      io,
    );
    const stopped = services.filter(({ state }) => state === "stopped").length - wanted.length;
    io.print(
      `The supervisor runs with ${counted(services.length, "service")}, ${String(stopped)} of them stopped.`,
    );
    return exits.done;
  },
};
