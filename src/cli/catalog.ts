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
    commands: {
      plan: () => import("./commands/plan.ts"),
      deploy: () => import("./commands/deploy.ts"),
      rollback: () => import("./commands/rollback.ts"),
      resume: () => import("./commands/resume.ts"),
      abort: () => import("./commands/abort.ts"),
      promote: () => import("./commands/promote.ts"),
      pause: () => import("./commands/pause.ts"),
      lock: () => import("./commands/lock.ts"),
      unlock: () => import("./commands/unlock.ts"),
    },
  },
  {
    title: "Traffic by hand",
    commands: {
      drain: () => import("./commands/drain.ts"),
      restore: () => import("./commands/restore.ts"),
      maintenance: () => import("./commands/maintenance.ts"),
    },
  },
  {
    title: "Look",
    commands: {
      status: () => import("./commands/status.ts"),
      releases: () => import("./commands/releases.ts"),
      history: () => import("./commands/history.ts"),
      proof: () => import("./commands/proof.ts"),
      report: () => import("./commands/report.ts"),
    },
  },
  {
    title: "Services by hand",
    commands: {
      start: () => import("./commands/start.ts"),
      reload: () => import("./commands/reload.ts"),
      restart: () => import("./commands/restart.ts"),
      stop: () => import("./commands/stop.ts"),
      delete: () => import("./commands/delete.ts"),
      scale: () => import("./commands/scale.ts"),
      list: () => import("./commands/list.ts"),
      describe: () => import("./commands/describe.ts"),
      logs: () => import("./commands/logs.ts"),
      flush: () => import("./commands/flush.ts"),
      env: () => import("./commands/env.ts"),
      monit: () => import("./commands/monit.ts"),
      ping: () => import("./commands/ping.ts"),
      save: () => import("./commands/save.ts"),
      startup: () => import("./commands/startup.ts"),
      unstartup: () => import("./commands/unstartup.ts"),
      resurrect: () => import("./commands/resurrect.ts"),
      upgrade: () => import("./commands/upgrade.ts"),
      kill: () => import("./commands/kill.ts"),
    },
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

/** Called by programs, not by people: in no list. */
const hidden: Readonly<Record<string, Load>> = {
  agent: () => import("./commands/agent.ts"),
};

/** Other names people's fingers know; the words replace the typed one. */
export const aliases: Readonly<Record<string, readonly string[]>> = {
  ls: ["list"],
  ps: ["list"],
  jlist: ["list", "--json"],
  prettylist: ["list", "--json"],
  show: ["describe"],
  info: ["describe"],
  del: ["delete"],
  log: ["logs"],
  dump: ["save"],
  startOrReload: ["reload"],
  startOrRestart: ["reload"],
  startOrGracefulReload: ["reload"],
  gracefulReload: ["reload"],
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
  return Object.hasOwn(hidden, name) ? hidden[name] : undefined;
}
