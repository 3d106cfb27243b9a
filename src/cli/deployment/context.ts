import { hostname, userInfo } from "node:os";
import { type Config, loadConfig } from "../../config/load.ts";
import type { HostEnd } from "../../fleet/end.ts";
import type { Ends } from "../../fleet/fleet-of-ends.ts";
import type { Access } from "../../fleet/local-end.ts";
import { nameHosts } from "../../plan/strategies/in-place.ts";
import type { CommandInput, Io } from "../command.ts";
import { receiversOf } from "../notify/receiver.ts";
import { openEnds } from "./ends.ts";

/** One app with all its servers and balancers, and what its config says now. Disposing it ends the connections. */
export interface Context extends Ends, AsyncDisposable {
  readonly config: Config;
  readonly app: string;
  /** Hosts that keep the journals. */
  readonly anchors: readonly HostEnd[];
  /** The servers for a sentence: "web1, web2". */
  readonly where: string;
  /** Who is deploying, for the journal: user@machine. */
  readonly operator: string;
}

/** "write" creates the app's directories, and needs every server; "read" touches nothing, and tells who is missing. */
export async function openContext(input: CommandInput, io: Io, access: Access): Promise<Context> {
  const { config: file, stage } = input.global;
  const config = await loadConfig({ file, stage, cwd: io.cwd, env: io.env });
  receiversOf(config, io);
  const ends = await openEnds(config, io, access);
  return {
    ...ends,
    config,
    app: config.spec.app,
    anchors: ends.hosts.slice(0, 3),
    where: nameHosts(ends.hosts.map((end) => end.name)),
    operator: `${io.env.USER ?? io.env.LOGNAME ?? accountName()}@${hostname()}`,
    async [Symbol.asyncDispose]() {
      await Promise.all([...ends.hosts, ...ends.balancers].map((end) => end.close().catch(() => undefined)));
    },
  };
}

/** cron and containers name no user. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 0}`;
  }
}
