import { userInfo } from "node:os";
import { bootMain } from "../../process/package/current.ts";
import { isSystemdHost, startupPlan } from "../../process/startup.ts";
import type { StartupPlan } from "../../process/startup.ts";
import type { Io } from "../command.ts";
import { homeOf } from "./connect.ts";

/** How this user's supervisor would be started at boot on this host. */
export function planAtBoot(io: Io): StartupPlan {
  const { username, uid, homedir } = userInfo();
  const start = {
    userName: username,
    home: homeOf(io).home,
    nodePath: process.execPath,
    mainPath: bootMain(homeOf(io)),
    path: io.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
  };
  return startupPlan(start, { isSystemd: isSystemdHost(), isRoot: uid === 0, userHome: homedir });
}

export function describePlan(plan: StartupPlan): string {
  if (plan.kind === "cron") return `This line goes into your crontab:\n  ${plan.line}`;
  const commands = plan.commands.map((words) => `  ${words.join(" ")}`);
  const unit = plan.unit.trimEnd().replaceAll(/^/gm, "  ");
  return [`${plan.file}:`, unit, "then:", ...commands].join("\n");
}
