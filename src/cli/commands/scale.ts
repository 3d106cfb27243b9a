import { performance } from "node:perf_hooks";
import { parseInstances } from "../../config/by-hand/values.ts";
import { exits } from "../../problem.ts";
import { usageProblem } from "../arguments.ts";
import type { Command } from "../command.ts";
import { chosenServices } from "../services/connect.ts";
import { keyOf } from "../services/label.ts";
import { replacedText } from "../services/outcome.ts";
import { withProgress } from "../services/progress.ts";
import { scaleService } from "../services/scale-service.ts";
import { together } from "../services/together.ts";

export const command: Command = {
  summary: "run more or fewer instances, each new one checked first",
  usage: "NAME|ID|all N|+N|-N|max",
  options: {},
  positionals: 2,
  async run(input, io) {
    const [word, amount] = input.positionals;
    if (word === undefined || amount === undefined) {
      throw usageProblem(
        input.name,
        '"cutover scale" needs a name and a number: cutover scale api 4, or +1, or -1.',
      );
    }
    const chosen = await chosenServices([word], input.name, io);
    if (chosen === null) return exits.done;
    const { client, services } = chosen;
    await withProgress(client, new Set(services.map(keyOf)), io, () =>
      together(services, async (service) => {
        const begin = performance.now();
        const result = await scaleService(client, service, wantedCount(amount, service.spec.instances));
        io.print(replacedText("scaled", result, performance.now() - begin));
      }),
    );
    return exits.done;
  },
};

function wantedCount(amount: string, now: number): number {
  const step = /^([+-])(\d{1,3})$/.exec(amount);
  const count = step === null ? parseInstances(amount) : now + Number(`${step[1] ?? ""}${step[2] ?? ""}`);
  if (count >= 1) return count;
  throw usageProblem(
    "scale",
    `${amount} would leave ${String(count)} instances; cutover stop ends all of them.`,
  );
}
