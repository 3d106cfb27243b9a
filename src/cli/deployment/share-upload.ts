import type { HostEnd } from "../../fleet/end.ts";
import type { SourceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import type { Io } from "../command.ts";
import type { Context } from "./context.ts";

interface Sharing {
  readonly release: string;
  readonly source: SourceSpec;
  readonly lagging: readonly HostEnd[];
}

/** What a release was made of, from a server that has it to those that lack it. Problem: SOURCE_GONE. */
export async function shareUpload(
  { hosts }: Context,
  io: Io,
  { release, source, lagging }: Sharing,
): Promise<void> {
  if (source.kind !== "upload") return;
  const { key, label } = source;
  const has = new Map(await Promise.all(hosts.map(async (end) => [end, await end.hasUpload(key)] as const)));
  const lacking = lagging.filter((end) => has.get(end) !== true);
  if (lacking.length === 0) return;
  const keeper = hosts.find((end) => has.get(end) === true);
  if (keeper === undefined) throw sourceGone(release);
  const names = lacking.map(({ name }) => name).join(", ");
  io.emit({ event: "note", text: `Sending ${label} from ${keeper.name} to ${names}` });
  let digest = "";
  for (let at = 0, total = 1; at < total;) {
    const piece = await keeper.readUpload({ key, at });
    digest ||= piece.digest;
    await Promise.all(lacking.map((end) => end.sendUpload({ ...piece, digest })));
    total = piece.total;
    at += Buffer.byteLength(piece.chunk, "base64");
  }
}

function sourceGone(release: string): Problem {
  return new Problem({
    code: "SOURCE_GONE",
    what: `No server has the packed files of release ${release} any more.`,
    fix: "cutover deploy --force makes a new release on all of them.",
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
