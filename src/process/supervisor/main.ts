import { readFileSync, renameSync, rmSync } from "node:fs";
import type net from "node:net";
import { isProblem } from "../../problem.ts";
import { ensureHome, homePaths, type HomePaths } from "../home.ts";
import { adoptAll } from "./adopt.ts";
import { stopService } from "./by-hand.ts";
import { sleep } from "./deferred.ts";
import { keepHouse } from "./housekeeping.ts";
import { exclusively } from "./lock.ts";
import { claimHome } from "./only-one.ts";
import { createServer } from "./server.ts";
import { loadState } from "./state-file.ts";
import { createDaemon, note, type Daemon } from "./world.ts";

/** Time for the last answer to leave before the process does. */
const lastAnswerMs = 100;

async function main(): Promise<void> {
  process.umask(0o077);
  process.chdir("/");
  const paths = homePaths(process.env);
  await ensureHome(paths);
  if (!(await claimHome(paths))) {
    note(`another supervisor already serves ${paths.home}`);
    return process.exit(0);
  }
  const version = packageVersion();
  const loaded = loadState(paths);
  note(`supervisor ${version} (pid ${String(process.pid)}) starts in ${paths.home}`);
  if (loaded.note !== null) note(loaded.note);
  const daemon = createDaemon(paths);
  await adoptAll(daemon.world, loaded.state);
  const server = createServer(daemon, {
    version,
    onShutdown: (instances) => shutdown(daemon, paths, instances),
  });
  await listen(server, paths);
  keepHouse(daemon.world);
}

/** Under another name first: whoever sees the socket can connect to it. */
function listen(server: net.Server, paths: HomePaths): Promise<void> {
  const part = `${paths.supervisorSocket}.${String(process.pid)}`;
  rmSync(part, { force: true });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(part, () => {
      renameSync(part, paths.supervisorSocket);
      resolve();
    });
  });
}

async function shutdown(daemon: Daemon, paths: HomePaths, instances: "keep" | "stop"): Promise<void> {
  const { world } = daemon;
  if (instances === "stop") {
    const all = [...world.services.values()];
    await Promise.all(all.map((service) => exclusively(service, "stop", () => stopService(service))));
  }
  await world.save();
  note(`supervisor leaves (instances: ${instances})`);
  rmSync(paths.supervisorSocket, { force: true });
  void sleep(lastAnswerMs).then(() => process.exit(0));
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

process.on("uncaughtException", (error) => note(`bug: ${error.stack ?? error.message}`));
process.on("unhandledRejection", (reason) =>
  note(`bug: ${reason instanceof Error ? reason.stack : String(reason)}`),
);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (signal === "SIGHUP") return;
    note(`supervisor leaves (${signal}); its instances go on`);
    process.exit(0);
  });
}
try {
  await main();
} catch (error) {
  note(isProblem(error) ? `${error.detail.what} ${error.detail.why ?? ""}` : String(error));
  process.exit(1);
}
