import type { SourceSpec } from "../../plan/spec.ts";
import { exits, Problem } from "../../problem.ts";
import type { Io } from "../command.ts";

interface Opened {
  readonly source: SourceSpec;
  /** Values that no sink may show. */
  readonly secrets: readonly string[];
}

/** A git URL whose login is complete: `$NAME` in it comes from the operator's environment. Problem ENV_VARIABLE (exit 3). */
export function withLogin(source: SourceSpec, io: Pick<Io, "env" | "secret">): Opened {
  const url = source.kind === "git" ? source.url : "";
  const { scheme, user, password, rest } =
    /^(?<scheme>https?:\/\/)(?<user>[^/:@]*)(?<password>:[^/]*)?(?<rest>@[^/@]+(\/.*)?)$/i.exec(url)
      ?.groups ?? {};
  if (source.kind !== "git" || scheme === undefined || user === undefined || rest === undefined)
    return { source, secrets: [] };
  const secrets = new Set<string>();
  const fill = (text: string): string =>
    text.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (_all, braced?: string, bare?: string) => {
      const value = valueOf(braced ?? bare ?? "", io.env);
      secrets.add(value);
      return encodeURIComponent(value);
    });
  const name = fill(user);
  const word = fill(password ?? "");
  if (word.length > 1) secrets.add(word.slice(1));
  for (const secret of secrets) io.secret(secret);
  return { source: { ...source, url: `${scheme}${name}${word}${rest}` }, secrets: [...secrets] };
}

function valueOf(name: string, env: Io["env"]): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw new Problem({
    code: "ENV_VARIABLE",
    what: `source.git needs $${name}, which is not set.`,
    fix: `Set ${name} in the environment; a dollar that is meant is written %24.`,
    state: "Nothing was changed.",
    exit: exits.refused,
  });
}
