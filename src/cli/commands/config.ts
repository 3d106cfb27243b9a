import { exits } from "../../problem.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  summary: "print the config as it counts: stage laid over, defaults filled in",
  usage: "",
  options: {},
  positionals: 0,
  async run(input, io) {
    const { loadConfig } = await import("../../config/load.ts");
    const { maskSecrets } = await import("../../config/mask.ts");
    const { stage } = input.global;
    const config = await loadConfig({ file: input.global.config, cwd: io.cwd, stage, env: io.env });
    const shown = maskSecrets(config.raw);
    const { stringify } = await import("yaml");
    io.print(`# ${config.file}${stage === undefined ? "" : `, stage ${stage}`}\n${stringify(shown)}`);
    io.result({ file: config.file, stage: stage ?? null, config: shown });
    return exits.done;
  },
};
