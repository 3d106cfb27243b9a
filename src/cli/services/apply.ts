import { performance } from "node:perf_hooks";
import { Problem, exits } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { ReplaceResult } from "../../process/protocol.ts";
import type { Io } from "../command.ts";
import { awaitLatePort } from "./late-port.ts";
import { asLabelled, keyOf, labelOf } from "./label.ts";
import { replacedText } from "./outcome.ts";
import { withProgress } from "./progress.ts";
import { together } from "./together.ts";
import type { Wanted } from "./wanted.ts";

/** Starts what does not run and replaces what runs, all at once, each verified before it takes traffic. */
export async function apply(all: readonly Wanted[], client: SupervisorClient, io: Io): Promise<void> {
  const results: ReplaceResult[] = [];
  const keys = new Set(all.map(({ spec }) => keyOf(spec)));
  try {
    await withProgress(client, keys, io, () =>
      together(all, async (wanted) => {
        const begin = performance.now();
        const result = await asLabelled(wanted.spec, () => applyOne(wanted, client));
        results.push(result);
        const verb = isRunning(wanted) ? "reloaded" : "online";
        io.print(replacedText(verb, result, performance.now() - begin));
      }),
    );
  } finally {
    io.result({ services: results.map(({ status, release }) => ({ name: labelOf(status), release })) });
  }
}

async function applyOne(wanted: Wanted, client: SupervisorClient): Promise<ReplaceResult> {
  const key = keyOf(wanted.spec);
  const spec = wanted.isChanged ? wanted.spec : undefined;
  if (isRunning(wanted)) return client.reload(key, { spec });
  const result = await client.start(key, spec);
  return wanted.existing === undefined ? awaitLatePort(client, key, result) : result;
}

export function isRunning({ existing }: Wanted): boolean {
  return existing !== undefined && existing.state !== "stopped";
}

/** A second start of the same name would be a silent reload: PM2's users expect to be told. */
export function refuseRunning(all: readonly Wanted[]): void {
  const running = all.find((wanted) => wanted.from !== "file" && isRunning(wanted));
  if (running === undefined) return;
  const label = labelOf(running.spec);
  throw new Problem({
    code: "SERVICE_RUNS",
    what: `${label} is already started.`,
    fix:
      running.from === "known"
        ? `cutover reload ${label}`
        : `cutover reload ${label}; or add --force to reload it with what is typed here, or another --name.`,
    state: `${label} runs as before; nothing was changed.`,
    exit: exits.usage,
  });
}
