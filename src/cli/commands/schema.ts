import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "print the JSON Schema of cutover.yml",
  usage: "",
  options: {},
  positionals: 0,
  async run(_input, io) {
    const { jsonSchema } = await import("../../config/json-schema.ts");
    const schema = jsonSchema();
    io.print(JSON.stringify(schema, null, 2));
    io.result({ schema });
    return exits.done;
  },
};
