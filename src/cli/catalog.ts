import type { Command } from "./command.ts";

export type Load = () => Promise<{ readonly command: Command }>;

export interface Group {
  readonly title: string;
  readonly commands: Readonly<Record<string, Load>>;
}

/** Every command: one line each, loaded only when it is used. The order is that of the help. */
export const groups: readonly Group[] = [
  {
    title: "Deploy",
    commands: {},
  },
  {
    title: "Look",
    commands: {},
  },
  {
    title: "Services by hand",
    commands: {},
  },
  {
    title: "About",
    commands: {
      demo: () => import("./commands/demo.ts"),
      config: () => import("./commands/config.ts"),
      docs: () => import("./commands/docs.ts"),
      schema: () => import("./commands/schema.ts"),
      completion: () => import("./commands/completion.ts"),
      help: () => import("./commands/help.ts"),
      version: () => import("./commands/version.ts"),
    },
  },
];

/** Other names people's fingers know; the words replace the typed one. */
export const aliases: Readonly<Record<string, readonly string[]>> = {
  ls: ["list"],
  ps: ["list"],
  jlist: ["list", "--json"],
  show: ["describe"],
  info: ["describe"],
  del: ["delete"],
  log: ["logs"],
};

export function commandNames(): readonly string[] {
  return groups.flatMap((group) => Object.keys(group.commands));
}

export function findCommand(name: string): Load | undefined {
  for (const group of groups) {
    if (Object.hasOwn(group.commands, name)) {
      return group.commands[name];
    }
  }
  return undefined;
}
