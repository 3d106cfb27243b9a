import { Problem, exits } from "../../problem.ts";
import type { Backend, Setup } from "./setup.ts";

const untouched = "Nothing was changed by this step.";
const asBefore = "Caddy and its files are as they were.";

export function noCommand({ command }: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_UNREACHABLE",
    what: `Caddy cannot be run as \`${command}\`.`,
    why: lines.at(-1),
    fix: "Install caddy on the balancer, or set traffic: options: command.",
    state: untouched,
    exit: exits.refused,
  });
}

export function noCaddyfile({ sites }: Setup): Problem {
  return new Problem({
    code: "TRAFFIC_UNREACHABLE",
    what: `There is no Caddyfile at ${sites}.`,
    why: "cutover drives a Caddy that is configured by a Caddyfile.",
    fix: "Say where it is: traffic: options: config, and sites where that only imports the file with the site.",
    state: untouched,
    exit: exits.refused,
  });
}

export function notAdaptable({ command, config }: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_CONFIG_REJECTED",
    what: `Caddy does not accept ${config} as it is on disk.`,
    why: lines.at(-1),
    fix: `Try \`${command} adapt --config ${config}\` and correct what it names.`,
    state: untouched,
    evidence: lines,
    exit: exits.refused,
  });
}

export function noAdmin({ config }: Setup): Problem {
  return new Problem({
    code: "TRAFFIC_UNREACHABLE",
    what: `The admin API of Caddy is switched off in ${config}.`,
    why: "It loads configurations and tells what is under way.",
    fix: "Remove `admin off`, or use a socket: admin unix//run/caddy/admin.sock",
    state: untouched,
    exit: exits.refused,
  });
}

export function notRunning(setup: Setup, error: unknown): Problem {
  return new Problem(
    {
      code: "TRAFFIC_UNREACHABLE",
      what: `Caddy does not answer cutover (${setup.listen} or its admin API).`,
      why: messageOf(error),
      fix: `Start it, or load its configuration: ${reloadLine(setup)}`,
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
      what: `${server} did not answer through Caddy (${setup.listen}).`,
      why: messageOf(error),
      fix: "Find out from the balancer's host with curl whether the server answers.",
      state: untouched,
      exit: exits.refused,
    },
    { cause: error },
  );
}

export function unknownBackend(
  { sites: file }: Setup,
  { site, service }: Backend,
  sites: readonly string[],
): Problem {
  return new Problem({
    code: "TRAFFIC_BACKEND_UNKNOWN",
    what: `${file} has no site "${site}", which traffic: names for the service "${service}".`,
    why: `Its sites are ${sites.join(", ")}.`,
    fix: `Correct traffic: backends: ${service}, or set traffic: options: sites to the file that holds it.`,
    state: untouched,
    exit: exits.refused,
  });
}

export interface Missing {
  readonly server: string;
  readonly known: readonly string[];
  readonly upstreams: readonly string[];
}

export function unknownServer({ site, port }: Backend, { server, known, upstreams }: Missing): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_UNKNOWN",
    what: `No reverse_proxy of the site "${site}" of Caddy has the server "${server}".`,
    why: `It was looked for as ${known.join(", ")}.`,
    fix: `Add ${known.at(-1) ?? server}:${port} to the reverse_proxy, or say how it is called there: servers: [{ host: ${server}, address: NAME }].`,
    state: untouched,
    evidence: upstreams,
    exit: exits.refused,
  });
}

export function extraServer({ site }: Backend, upstream: string): Problem {
  return new Problem({
    code: "TRAFFIC_SERVER_EXTRA",
    what: `A reverse_proxy of the site "${site}" of Caddy has a server that the config does not: ${upstream}.`,
    why: "cutover says which servers a request may go to, so that this one would get none.",
    fix: "Add it to servers:, or remove it there.",
    state: untouched,
    exit: exits.refused,
  });
}

export function linesMissing({ sites }: Setup, lines: readonly string[], why: string): Problem {
  return new Problem({
    code: "TRAFFIC_LINES_MISSING",
    what: `${sites} lacks the lines that cutover needs, and cutover could not add them.`,
    why,
    fix: "Run this once as a user who may write it; or change it as below, then run the command again.",
    state: asBefore,
    evidence: lines,
    exit: exits.refused,
  });
}

export function rejected(setup: Setup, lines: readonly string[]): Problem {
  return new Problem({
    code: "TRAFFIC_CONFIG_REJECTED",
    what: `Caddy does not accept ${setup.sites} with cutover's files in ${setup.directory}.`,
    why: lines.at(-1),
    fix: "Correct what it names; a regular expression comes from rollout: canary: match: in the config.",
    state: asBefore,
    evidence: lines,
    exit: exits.refused,
  });
}

export function notReloaded(setup: Setup, why: string | undefined): Problem {
  return new Problem({
    code: "TRAFFIC_RELOAD_FAILED",
    what: "Caddy did not load its configuration.",
    why: why ?? "The command ended well, but Caddy still runs with what it had loaded before.",
    fix: `Make \`${reloadLine(setup)}\` work for this user.`,
    state: asBefore,
    exit: exits.refused,
  });
}

export function notInForce({ directory }: Setup): Problem {
  return new Problem({
    code: "TRAFFIC_NOT_IN_FORCE",
    what: `Caddy does not follow the links in ${directory}.`,
    why: "The user it runs as cannot read them.",
    fix: `Let it enter the directory: namei -l ${directory}/live`,
    state: asBefore,
    exit: exits.refused,
  });
}

export function reloadLine({ command, config }: Setup): string {
  return `${command} reload --config ${config} --adapter caddyfile`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
