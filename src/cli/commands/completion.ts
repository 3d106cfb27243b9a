import { exits } from "../../problem.ts";
import { globalFlags, usageProblem } from "../arguments.ts";
import { groups } from "../catalog.ts";
import type { Command, Flag } from "../command.ts";
import { completionScripts, type CommandWords } from "../completion.ts";

export const command: Command = {
  summary: "print a completion script for bash, zsh or fish",
  usage: "bash|zsh|fish",
  options: {},
  positionals: 1,
  async run(input, io) {
    const shell = input.positionals[0] ?? "";
    const script = completionScripts[shell];
    if (script === undefined) {
      throw usageProblem("completion", `Name a shell: ${Object.keys(completionScripts).join(", ")}.`);
    }
    io.print(script(await allWords()));
    return exits.done;
  },
};

async function allWords(): Promise<readonly CommandWords[]> {
  const loads = groups.flatMap(({ commands }) => Object.entries(commands));
  return Promise.all(
    loads.map(async ([name, load]) => {
      const { summary, options } = (await load()).command;
      return { name, summary, flags: [...flagWords(options), ...flagWords(globalFlags)] };
    }),
  );
}

function flagWords(flags: Readonly<Record<string, Flag>>): readonly string[] {
  return Object.keys(flags).map((name) => `--${name}`);
}
