import { Problem, exits } from "../../problem.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Command } from "../command.ts";
import { openSupervisor, runningSupervisor } from "../services/connect.ts";
import { labelOf } from "../services/label.ts";
import { endSupervisor } from "../services/leave.ts";
import { counted } from "../services/outcome.ts";

export const command: Command = {
  summary: "replace the running supervisor by this version; the instances serve on",
  usage: "",
  options: {},
  positionals: 0,
  async run(_input, io) {
    const former = await runningSupervisor(io);
    if (former === null) {
      const { version } = await (await openSupervisor(io)).ping();
      io.print(`No supervisor was running; version ${version} runs now.`);
      return exits.done;
    }
    const [old, before] = [await former.ping(), await former.services()];
    await endSupervisor(former, "keep");
    const next = await openSupervisor(io);
    const [now, after] = [await next.ping(), await next.services()];
    const lost = pidsOf(before).filter((pid) => !pidsOf(after).includes(pid));
    if (lost.length > 0) throw notAdopted(lost);
    const adopted = counted(pidsOf(after).length, "instance");
    io.print(
      `Supervisor ${old.version} (pid ${String(old.pid)}) is replaced by ${now.version} (pid ${String(now.pid)}).`,
    );
    io.print(`${adopted} served on${listed(after)}.`);
    io.result({ before: old, after: now, instances: pidsOf(after) });
    return exits.done;
  },
};

function pidsOf(services: readonly ServiceStatus[]): readonly string[] {
  return services.flatMap((service) =>
    service.instances.flatMap(({ pid }) => (pid === undefined ? [] : [`${labelOf(service)} ${String(pid)}`])),
  );
}

function listed(services: readonly ServiceStatus[]): string {
  const pids = pidsOf(services);
  return pids.length === 0 ? "" : `, with the same pids: ${pids.join(", ")}`;
}

function notAdopted(lost: readonly string[]): Problem {
  return new Problem({
    code: "UPGRADE_INCOMPLETE",
    what: `${counted(lost.length, "instance")} did not come through the upgrade: ${lost.join(", ")}.`,
    fix: 'cutover list; the new supervisor starts what is missing, "cutover reload NAME" brings it up verified.',
    state: "The new supervisor runs.",
    exit: exits.needsAttention,
  });
}
