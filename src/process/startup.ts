import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exits, Problem } from "../problem.ts";
import { crontabLine, withLine, withoutLine } from "./startup/crontab.ts";
import { systemdUnit } from "./startup/unit.ts";
import type { Scope, SupervisorStart } from "./startup/unit.ts";

export type { SupervisorStart } from "./startup/unit.ts";

/** What `startup` will do; to be shown before it is done. */
export type StartupPlan = SystemdPlan | CronPlan;

interface SystemdPlan {
  readonly kind: "systemd";
  readonly scope: Scope;
  readonly file: string;
  readonly unit: string;
  /** Run after the file is written. */
  readonly commands: readonly (readonly string[])[];
  /** Run before the file is removed again; the supervisor and its instances go on. */
  readonly undo: readonly (readonly string[])[];
}

interface CronPlan {
  readonly kind: "cron";
  readonly line: string;
  readonly start: SupervisorStart;
}

export interface StartupHost {
  readonly isSystemd: boolean;
  readonly isRoot: boolean;
  /** Home directory of the user, for a unit of his own. */
  readonly userHome: string;
}

/** systemd when it runs the host: a unit of the system for root, else one of the user, kept alive by lingering. Else cron. */
export function startupPlan(start: SupervisorStart, host: StartupHost): StartupPlan {
  if (!host.isSystemd) return { kind: "cron", line: crontabLine(start), start };
  if (host.isRoot) {
    return {
      kind: "systemd",
      scope: "system",
      file: "/etc/systemd/system/cutover.service",
      unit: systemdUnit(start, "system"),
      commands: [
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "cutover.service"],
      ],
      undo: [["systemctl", "disable", "cutover.service"]],
    };
  }
  return {
    kind: "systemd",
    scope: "user",
    file: join(host.userHome, ".config/systemd/user/cutover.service"),
    unit: systemdUnit(start, "user"),
    commands: [
      ["loginctl", "enable-linger", start.userName],
      ["systemctl", "--user", "daemon-reload"],
      ["systemctl", "--user", "enable", "cutover.service"],
    ],
    undo: [["systemctl", "--user", "disable", "cutover.service"]],
  };
}

export function isSystemdHost(): boolean {
  return existsSync("/run/systemd/system");
}

/** Problem STARTUP_UNSUPPORTED where nothing starts programs at boot. */
export function refuseUnsupported(plan: StartupPlan): void {
  if (plan.kind === "cron" && !hasCrontab()) throw unsupported(plan);
}

/** Writes and enables what the plan says; safe to repeat. Problem STARTUP_FAILED with the command that failed. */
export function applyStartup(plan: StartupPlan): void {
  if (plan.kind === "cron") {
    writeTable(withLine(readTable(plan), plan.start));
    return;
  }
  try {
    mkdirSync(dirname(plan.file), { recursive: true });
    writeFileSync(`${plan.file}.new`, plan.unit, { mode: 0o644 });
    renameSync(`${plan.file}.new`, plan.file);
  } catch (error) {
    throw failed(`${plan.file} cannot be written.`, error instanceof Error ? error.message : String(error));
  }
  for (const command of plan.commands) run(command, "");
}

/** Takes it back; nothing that runs is stopped. Safe to repeat. */
export function removeStartup(plan: StartupPlan): void {
  if (plan.kind === "cron") {
    if (!hasCrontab()) return;
    const table = readTable(plan);
    const rest = withoutLine(table, plan.start.home);
    if (rest !== table) writeTable(rest);
    return;
  }
  if (!existsSync(plan.file)) return;
  for (const command of plan.undo) run(command, "");
  rmSync(plan.file, { force: true });
  run([...(plan.undo[0] ?? []).slice(0, -2), "daemon-reload"], "");
}

/** Without it there is no line to remove. */
function hasCrontab(): boolean {
  return spawnSync("crontab", ["-l"]).error === undefined;
}

function readTable(plan: CronPlan): string {
  const done = spawnSync("crontab", ["-l"], { encoding: "utf8" });
  if (done.error !== undefined) throw unsupported(plan);
  if (done.status === 0) return done.stdout;
  // "no crontab for user" is an empty one; anything else must not be overwritten.
  if (/no crontab/i.test(done.stderr)) return "";
  throw failed("The crontab cannot be read.", done.stderr.trim());
}

function writeTable(table: string): void {
  if (table.trim() === "") run(["crontab", "-r"], "");
  else run(["crontab", "-"], table);
}

function run(command: readonly string[], input: string): void {
  const [program = "", ...words] = command;
  const done = spawnSync(program, words, { encoding: "utf8", input });
  if (done.status === 0) return;
  throw failed(`\`${command.join(" ")}\` failed.`, done.error?.message ?? done.stderr.trim());
}

function failed(what: string, why: string): Problem {
  return new Problem({
    code: "STARTUP_FAILED",
    what,
    why,
    fix: "Run it by hand to see more; a unit of the system needs root, lingering may need it.",
    state: "The supervisor and its instances run on; they are not started at boot yet.",
  });
}

function unsupported(plan: CronPlan): Problem {
  return new Problem({
    code: "STARTUP_UNSUPPORTED",
    what: "This host runs neither systemd nor cron.",
    fix: `Have this run at boot: ${plan.line.replace(/^@reboot /, "").replace(/ # .*$/, "")}`,
    state: "The supervisor and its instances run on; nothing was changed.",
    exit: exits.refused,
  });
}
