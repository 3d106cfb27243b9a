import type { Place } from "./place.ts";

export interface ReleaseFacts {
  readonly app: string;
  readonly id: string;
  readonly previous: string | null;
  readonly revision: string;
  readonly stage?: string | undefined;
  readonly host: string;
}

/** The variables that builds, hooks and migrations may rely on (CONTRACT, section 2). */
export function cutoverVariables(place: Place, facts: ReleaseFacts): Readonly<Record<string, string>> {
  return {
    CUTOVER_APP: facts.app,
    CUTOVER_RELEASE: facts.id,
    CUTOVER_PREVIOUS: facts.previous ?? "",
    CUTOVER_REVISION: facts.revision,
    CUTOVER_STAGE: facts.stage ?? "",
    CUTOVER_PATH: place.path,
    CUTOVER_HOST: facts.host,
  };
}

/** Set by git hooks and by npm around us; a build that inherits them works on another repository or package. */
const foreign =
  /^(GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|QUARANTINE_PATH)|INIT_CWD|npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix).*)$/;

/** The caller's environment without what belongs to the caller's own work, then `added` over it. */
export function commandEnv(added: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !foreign.test(name)) env[name] = value;
  }
  return { ...env, ...added };
}
