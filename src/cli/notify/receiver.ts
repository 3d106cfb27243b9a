import type { Config } from "../../config/load.ts";
import type { Io } from "../command.ts";

const receivers = ["webhook", "slack"] as const;

/** A shorter part of a path is a word, and would be blanked out wherever it is said. */
const leastToken = 16;

export interface Receiver {
  readonly kind: (typeof receivers)[number];
  /** As written in the config. */
  readonly written: string;
  /** undefined: what is written has no value in the environment. */
  readonly url: string | undefined;
}

/** Whoever knows such an address may post to it, so no sink shows it, nor the parts that name somebody. */
export function receiversOf({ notify }: Config, io: Io): readonly Receiver[] {
  return receivers.flatMap((kind) => {
    const written = notify?.[kind];
    if (written === undefined) return [];
    const url = valueOf(written, io.env);
    if (url !== undefined) for (const secret of secretsOf(url)) io.secret(secret);
    return [{ kind, written, url }];
  });
}

function valueOf(written: string, env: Io["env"]): string | undefined {
  const name = /^\$\{?(\w+)\}?$/.exec(written)?.[1];
  const value = name === undefined ? written : env[name];
  return value === "" ? undefined : value;
}

function secretsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url];
  const { href, pathname, searchParams, password } = new URL(url);
  const tokens = [...pathname.split("/"), ...searchParams.values(), password].filter(
    (part) => part.length >= leastToken,
  );
  return [url, href, ...tokens];
}
