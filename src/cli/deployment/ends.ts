import { hostname } from "node:os";
import type { Config } from "../../config/load.ts";
import type { Ends } from "../../fleet/fleet-of-ends.ts";
import { type Access, openLocalEnd } from "../../fleet/local-end.ts";
import { isLost } from "../../fleet/lost.ts";
import { reconnecting } from "../../fleet/reconnecting.ts";
import { hostMethods, type Methods } from "../../fleet/rpc/methods.ts";
import type { Known } from "../../fleet/stand-in.ts";
import { unreachableEnd } from "../../fleet/unreachable.ts";
import { exits, isProblem, Problem } from "../../problem.ts";
import type { Io } from "../command.ts";
import { cutoverVersion } from "../version.ts";
import { runMigration } from "./migration.ts";

/**
 * Every server and balancer of the config, over one connection each; without `servers:` this machine. "read": one that
 * cannot be reached says so at every call. "write": it is refused here, with HOST_UNREACHABLE.
 */
export async function openEnds(config: Config, io: Io, access: Access): Promise<Ends> {
  const { app, path } = config.spec;
  if (config.servers.length === 0) {
    const here = { name: hostname(), app, path, access, env: io.env };
    const end = await openLocalEnd({ ...here, version: cutoverVersion(), migrate: runMigration });
    return { hosts: [end], balancers: [] };
  }
  const hosts = await openAll(config.servers, { methods: hostMethods, access }, async ({ destination }) => {
    const { connectServer } = await import("../../fleet/ssh/connect.ts");
    const connection = await connectServer(destination, { env: io.env });
    return await connection.openHost({ app, path, access });
  });
  return { hosts, balancers: [] };
}

interface Named {
  readonly name: string;
}

interface Failure extends Named {
  readonly error: unknown;
}

type Opened<End> = { readonly end: End } | Failure;

async function openAll<End extends Known, Address extends Named>(
  addresses: readonly Address[],
  { methods, access }: { readonly methods: Methods<End>; readonly access: Access },
  open: (address: Address) => Promise<End>,
): Promise<readonly End[]> {
  const opened = await Promise.all(
    addresses.map((address): Promise<Opened<End>> =>
      open(address).then(
        (first) => ({ end: reconnecting(methods, first, () => open(address)) }),
        (error: unknown) => ({ name: address.name, error }),
      ),
    ),
  );
  const failures = opened.filter((one) => "error" in one);
  if (access === "read" && failures.every(({ error }) => isLost(error)))
    return opened.map((one) => ("end" in one ? one.end : unreachableEnd(methods, one)));
  if (failures.length === 0) return opened.flatMap((one) => ("end" in one ? [one.end] : []));
  for (const one of opened) if ("end" in one) await one.end.close().catch(() => undefined);
  throw refusal(failures);
}

/** What one of them says is told as it is; of many that cannot be reached, all the names. */
function refusal(failures: readonly Failure[]): unknown {
  const error = failures.find((failure) => !isLost(failure.error))?.error ?? failures[0]?.error;
  if (!isProblem(error) || failures.length === 1 || !isLost(error)) return error;
  const reasons = failures.flatMap((failure) => (isProblem(failure.error) ? [failure.error.message] : []));
  return new Problem(
    {
      code: "HOST_UNREACHABLE",
      what: `${failures.map(({ name }) => name).join(", ")} cannot be reached.`,
      why: [...new Set(reasons)].join(" "),
      fix: error.detail.fix,
      state: "Nothing was changed.",
      exit: exits.refused,
    },
    { cause: error },
  );
}
