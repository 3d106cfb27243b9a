import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { exits, isProblem } from "../../problem.ts";
import type { SupervisorClient } from "../../process/client.ts";
import type { ServiceStatus } from "../../process/protocol.ts";
import type { Command, Io } from "../command.ts";
import { printable } from "../present/problem.ts";
import { findSupervisor, homeOf } from "../services/connect.ts";
import { keyOf, labelOf } from "../services/label.ts";
import { lastLines, logFilesIn } from "../services/log-lines.ts";
import { monitorLines } from "../services/monitor.ts";
import { listColumns, listRow } from "../services/rows.ts";
import { inverse, openScreen } from "../screen.ts";
import { renderTable } from "../present/table.ts";

const refreshMs = 1000;

export const command: Command = {
  summary: "the services as they are now, redrawn every second",
  usage: "",
  options: {},
  positionals: 0,
  async run(input, io) {
    const client = await findSupervisor(io);
    if (client === null) io.print("No services yet.");
    else if (io.isTerminal && process.stdin.isTTY && !input.global.json) await watchScreen(client, io);
    else await printOnce(client, io);
    return exits.done;
  },
};

async function printOnce(client: SupervisorClient, io: Io): Promise<void> {
  const services = await client.services();
  const now = Date.now();
  io.print(
    renderTable(
      listColumns,
      services.map((service) => listRow(service, now)),
    ),
  );
  io.result({ services });
}

interface Watch {
  services: readonly ServiceStatus[];
  selected: number;
  message: string;
  /** A stop that waits for its answer. */
  asked: ServiceStatus | undefined;
  wake: AbortController;
  isOver: boolean;
}

async function watchScreen(client: SupervisorClient, io: Io): Promise<void> {
  const watch: Watch = {
    services: [],
    selected: 0,
    message: "",
    asked: undefined,
    wake: new AbortController(),
    isOver: false,
  };
  const screen = openScreen((key) => {
    press(key, watch, client);
    watch.wake.abort();
  });
  try {
    while (!watch.isOver && !io.signal.aborted && !io.closed.aborted) {
      watch.services = await client.services();
      watch.selected = Math.max(0, Math.min(watch.selected, watch.services.length - 1));
      const log = logOf(watch.services[watch.selected], io);
      const { rows, columns } = screen;
      screen.draw([
        `cutover on ${hostname()}`,
        "",
        ...monitorLines({ ...watch, log, now: Date.now() }, { rows: rows - 2, columns }, inverse),
      ]);
      watch.wake = new AbortController();
      await pause(refreshMs, undefined, { signal: AbortSignal.any([watch.wake.signal, io.signal]) }).catch(
        () => undefined,
      );
    }
  } finally {
    screen.close();
  }
}

function press(key: string, watch: Watch, client: SupervisorClient): void {
  const service = watch.services[watch.selected];
  if (watch.asked !== undefined) {
    const { asked } = watch;
    watch.asked = undefined;
    watch.message = "";
    if (key === "y") act("stopping", asked, watch, () => client.stop(keyOf(asked)));
    return;
  }
  if (key === "q" || key === "ctrl-c") watch.isOver = true;
  if (key === "up") watch.selected -= 1;
  if (key === "down") watch.selected += 1;
  if (service === undefined) return;
  if (key === "r") act("reloading", service, watch, () => client.reload(keyOf(service)));
  if (key === "s" && service.state === "stopped")
    act("starting", service, watch, () => client.start(keyOf(service)));
  else if (key === "s") {
    watch.asked = service;
    watch.message = `Stop ${labelOf(service)}? Press y to stop it, any other key to leave it.`;
  }
}

function act(verb: string, service: ServiceStatus, watch: Watch, work: () => Promise<unknown>): void {
  const label = labelOf(service);
  watch.message = `${verb} ${label}...`;
  work().then(
    () => void (watch.message = `${verb} ${label}: done`),
    (error: unknown) => void (watch.message = isProblem(error) ? error.detail.what : String(error)),
  );
}

function logOf(service: ServiceStatus | undefined, io: Io): readonly string[] {
  if (service === undefined) return [];
  const files = logFilesIn(homeOf(io).logs, service.app, service.name);
  return files.flatMap((file) => lastLines(file, 40).lines).map(printable);
}
