import { Problem, exits } from "../../problem.ts";
import type { Backend, Setup } from "./setup.ts";
import type { Wiring } from "./wiring.ts";

const untouched = "Nothing was changed by this step.";
const asBefore = "nginx and its files are as they were.";

export function noCommand({ command }: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_UNREACHABLE",
    what: `nginx cannot be run as \`${command}\`.`,
    why: lines.at(-1),
    fix: "Install nginx on the balancer, or set traffic: options: command.",
    state: untouched,
    exit: exits.refused,
  });
}

export function notRunning(setup: Setup, error: unknown): Problem {
  return new Problem(
    {
      code: "TRAFFIC_UNREACHABLE",
      what: `nginx does not answer cutover on ${setup.listen}.`,
      why: messageOf(error),
      fix: `Start or reload nginx so that it loads ${setup.include}: ${setup.reload}`,
      state: untouched,
      exit: exits.refused,
    },
    { cause: error },
  );
}

export function notAnswered(setup: Setup, server: string, error: unknown): Problem {
  return new Problem(
    {
      code: "TRAFFIC_ASK",
      what: `${server} did not answer through nginx (${setup.listen}).`,
      why: messageOf(error),
      fix: "Find out from the balancer's host with curl whether the server answers.",
      state: untouched,
      exit: exits.refused,
    },
    { cause: error },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function notLoadable({ command }: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_CONFIG_REJECTED",
    what: "nginx does not accept its configuration as it is on disk.",
    why: lines.find((line) => line.includes("[emerg]")) ?? lines.at(-1),
    fix: `Try \`${command} -t\` and correct what it names. A user other than root may need traffic: options: command: sudo nginx.`,
    state: untouched,
    evidence: lines,
    exit: exits.refused,
  });
}

export function unknownBackend(setup: Setup, { name, service }: Backend): Problem {
  return new Problem({
    code: "TRAFFIC_BACKEND_UNKNOWN",
    what: `nginx has no upstream "${name}", which traffic: names for the service "${service}".`,
    fix: `Correct traffic: backends: ${service}, or add the upstream to the configuration that \`${setup.command} -T\` prints.`,
    state: untouched,
    exit: exits.refused,
  });
}

export interface Missing {
  readonly server: string;
  readonly known: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

export function unknownServer({ name, port }: Backend, { server, known, lines }: Missing): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_UNKNOWN",
    what: `The upstream "${name}" of nginx has no server "${server}".`,
    why: `It was looked for as ${known.join(", ")}.`,
    fix: `Add a line like "server ${known.at(-1) ?? server}:${port};" to the upstream, or say how it is called there: servers: [{ host: ${server}, address: NAME }].`,
    state: untouched,
    evidence: lines.map((words) => words.join(" ")),
    exit: exits.refused,
  });
}

export function extraServer({ name }: Backend, words: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_EXTRA",
    what: `The upstream "${name}" of nginx has a server that the config does not: ${words[1] ?? ""}.`,
    why: "cutover says which servers of the upstream a request may go to, so that this one would get none.",
    fix: "Add it to servers:, or mark its line as down or backup.",
    state: untouched,
    exit: exits.refused,
  });
}

export function linesMissing(setup: Setup, { hasInclude, unwired }: Wiring, why: string): Problem {
  return new Problem({
    code: "TRAFFIC_LINES_MISSING",
    what: "nginx's configuration lacks the lines that cutover needs, and cutover could not add them.",
    why,
    fix: `Run this once as a user who may write and reload nginx's configuration; or change it as below, then run: ${setup.reload}`,
    state: asBefore,
    evidence: [
      ...(hasInclude ? [] : ["in http { }:", `    include ${setup.include};`]),
      ...unwired.flatMap(({ name, location, prefix }) => [
        `in every location with proxy_pass http://${name}:`,
        `    include ${location};`,
        `    proxy_pass http://$${prefix};    # instead of http://${name}`,
      ]),
    ],
    exit: exits.refused,
  });
}

export function rejected(setup: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_CONFIG_REJECTED",
    what: `nginx does not accept ${setup.include} as this routing needs it.`,
    why: lines.find((line) => line.includes("[emerg]")) ?? lines.at(-1),
    fix: "Correct what it names; a regular expression comes from rollout: canary: match: in the config.",
    state: asBefore,
    evidence: lines,
    exit: exits.refused,
  });
}

export function notReloaded(setup: Setup, why: string | undefined): Problem {
  return new Problem({
    code: "TRAFFIC_RELOAD_FAILED",
    what: "nginx was not reloaded.",
    why: why ?? `\`${setup.reload}\` ended well, but nginx still runs with what it had loaded before.`,
    fix: `Make \`${setup.reload}\` work for this user, for example in sudoers: USER ALL=(root) NOPASSWD: /usr/sbin/nginx, and set traffic: options: command: sudo nginx.`,
    state: asBefore,
    exit: exits.refused,
  });
}

export function notInForce(setup: Setup, seen: string): Problem {
  return new Problem({
    code: "TRAFFIC_NOT_IN_FORCE",
    what: `nginx does not follow the links in ${setup.directory}.`,
    why: seen === "" ? "Its workers cannot read them." : `It follows ${seen}.`,
    fix: `Let the user of nginx's workers enter the directory: namei -l ${setup.directory}/live`,
    state: asBefore,
    exit: exits.refused,
  });
}
