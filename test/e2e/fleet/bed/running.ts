import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What `--json` says, as far as tests read it. */
interface Said {
  readonly event: string;
  readonly effect?: { readonly layer: string; readonly verb: string; readonly host: string };
  readonly outcome?: { readonly outcome: string };
  readonly exit?: number;
  readonly why?: string;
  readonly problem?: {
    readonly code: string;
    readonly what: string;
    readonly why?: string;
    readonly fix?: string;
    readonly state?: string;
  };
}

/** A run of the program with --json that is still under way. */
export interface Running {
  readonly pid: number;
  /** Resolves at the first event, said already or still to come, that `isIt`; rejects when the program ends without it. */
  until(what: string, isIt: (said: Said) => boolean): Promise<void>;
  /** Its result; null when it was killed. */
  readonly ended: Promise<Said | null>;
  /** All that it said, for a failed test. */
  story(): string;
}

export function follow(child: ChildProcess): Running {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the program's output goes elsewhere");
  const heard: Said[] = [];
  let errors = "";
  stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const closed = once(child, "close");
  const lines = createInterface({ input: stdout });
  const story = (): string => [...heard.map((said) => JSON.stringify(said)), errors].join("\n");
  lines.on("line", (line) => {
    heard.push(JSON.parse(line) as Said);
    child.emit("said");
  });
  return {
    pid: child.pid ?? 0,
    async until(what, isIt) {
      let isClosed = false;
      const end = closed.then(() => (isClosed = true));
      while (!heard.some(isIt)) {
        if (isClosed) throw new Error(`the program ended before ${what}: ${story()}`);
        await Promise.race([once(child, "said"), end]);
      }
    },
    ended: closed.then(() => heard.find(({ event }) => event === "result") ?? null),
    story,
  };
}
