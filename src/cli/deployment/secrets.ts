import type { Shelved } from "../../fleet/shelf.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

/** What a release was deployed with, the same on every server that has it. Problem: RELEASE_SPEC_MISSING. */
export async function settingsOf({ hosts }: Context, io: Io, release: string): Promise<Shelved> {
  const settled = await Promise.allSettled(hosts.map((end) => end.loadSettings(release)));
  for (const one of settled) if (one.status === "fulfilled") noteSecrets(io, one.value);
  const found = settled.find((one) => one.status === "fulfilled");
  if (found !== undefined) return found.value;
  throw settled.find((one) => one.status === "rejected")?.reason;
}

/** Every secret value of a shelved release is redacted in every sink. */
function noteSecrets(io: Io, shelved: Shelved): void {
  for (const value of shelved.secrets) io.secret(value);
}
