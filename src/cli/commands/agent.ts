import { runAgent } from "../../fleet/agent/agent.ts";
import { standardStreams } from "../../fleet/agent/standard-streams.ts";
import { openLocalEnd } from "../../fleet/local-end.ts";
import { exits, Problem } from "../../problem.ts";
import { homePaths } from "../../process/home.ts";
import { pruneVersions } from "../../process/package/prune.ts";
import type { Command } from "../command.ts";
import { runMigration } from "../deployment/migration.ts";
import { cutoverVersion } from "../version.ts";

export const command: Command = {
  summary: "this machine's end of a connection; an operator's cutover starts it over ssh",
  usage: "",
  options: {},
  positionals: 0,
  isForPrograms: true,
  async run(_input, io) {
    if (process.stdin.isTTY) throw notByHand();
    const here = { env: io.env, version: cutoverVersion() };
    // Nobody waits for it: what is left is taken away by the next agent.
    void pruneVersions(homePaths(io.env)).catch(() => undefined);
    await runAgent({
      ...standardStreams(),
      openers: {
        host: async (opening) => await openLocalEnd({ ...opening, ...here, migrate: runMigration }),
        balancer: async (opening) => {
          const { openBalancerEnd } = await import("../../fleet/balancer-end.ts");
          const { compare } = await import("../../proof/compare.ts");
          return await openBalancerEnd({ ...opening, ...here, compare });
        },
      },
    });
    return exits.done;
  },
};

function notByHand(): Problem {
  return new Problem({
    code: "AGENT_BY_HAND",
    what: "The agent speaks with another cutover, not with a person.",
    fix: "Run the command you want on your own machine, with `servers:` in cutover.yml.",
    exit: exits.usage,
  });
}
