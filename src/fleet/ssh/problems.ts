import { exits, Problem, type ProblemDetail } from "../../problem.ts";
import { defaultBeat } from "../rpc/heartbeat.ts";
import type { Address } from "./address.ts";

type Told = Pick<ProblemDetail, "code" | "what" | "fix">;

/** What the ssh client says -> what it means; the first that matches. `$&`-like names are filled in by `tell`. */
const known: readonly { readonly sign: RegExp; tell(at: At): Told }[] = [
  {
    sign: /REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING/,
    tell: ({ name, known }) => ({
      code: "HOST_KEY_CHANGED",
      what: `${name} shows another host key than the one that is known: it was set up anew, or somebody is in between.`,
      fix: `Compare the fingerprint with one read on the server itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); only then: ssh-keygen -R '${known}'`,
    }),
  },
  {
    sign: /host key is known for|Host key verification failed|authenticity of host/,
    tell: ({ name, known, dial }) => ({
      code: "HOST_KEY_UNKNOWN",
      what: `The host key of ${name} is not known here, so nobody can tell whether it is that server.`,
      fix: `Connect once by hand and compare the fingerprint (${dial}), or pin the key of '${known}' in ~/.ssh/known_hosts.`,
    }),
  },
  {
    sign: /Permission denied|Too many authentication failures|No supported authentication methods/,
    tell: ({ name, dial }) => ({
      code: "SSH_DENIED",
      what: `${name} lets nobody in with the keys that ssh offers.`,
      fix: `Add your public key to ~/.ssh/authorized_keys there, or load the key (ssh-add); see which are offered: ${dial.replace("ssh ", "ssh -v ")}`,
    }),
  },
  {
    sign: /Could not resolve hostname|Name or service not known/,
    tell: ({ name }) => ({
      code: "HOST_NAME_UNKNOWN",
      what: `There is no host called ${name}.`,
      fix: "Correct `servers:` in cutover.yml, or give it a Host entry in ~/.ssh/config.",
    }),
  },
  {
    sign: /Connection refused/,
    tell: ({ name, port }) => ({
      code: "HOST_REFUSED",
      what: `${name} answers, but no ssh server listens on port ${port ?? 22}.`,
      fix: "Start sshd there, or say the port: user@host:port.",
    }),
  },
  {
    sign: /No route to host|Network is unreachable|Host is down/,
    tell: ({ name }) => ({
      code: "HOST_UNREACHABLE",
      what: `There is no way to ${name}.`,
      fix: "Check that it is up, and the network or VPN between here and there.",
    }),
  },
  {
    sign: /timed out|not responding/,
    tell: ({ name }) => ({
      code: "HOST_SILENT",
      what: `${name} does not answer.`,
      fix: "Check that it is up, and that no firewall drops the connection.",
    }),
  },
  {
    sign: /Bad configuration option|terminating, \d+ bad configuration|Bad owner or permissions|no argument after keyword/i,
    tell: () => ({
      code: "SSH_CONFIG",
      what: "The ssh client does not accept its configuration.",
      fix: "Correct the file that it names.",
    }),
  },
];

interface At extends Address {
  /** How a line of known_hosts names it. */
  readonly known: string;
  /** A command for a person. */
  readonly dial: string;
}

/** How a run of the ssh client ended that never came to our agent. */
export interface Failed {
  readonly exit: number | null;
  readonly said: readonly string[];
  /** What the host printed on standard output. */
  readonly noise: string;
  /** It was given up because it said nothing for too long. */
  readonly isLate: boolean;
}

/** ssh's own failures; everything else is the exit of the remote command. */
const ownFailure = 255;

const refusedStart =
  /kex_exchange_identification|ssh_exchange_identification|Exceeded MaxStartups|Not allowed at this time|Connection (closed|reset) by .* port \d+\s*$|Connection reset by peer/m;

/** Whether sshd did not even begin to speak with us: too many at once. Anything else a second try would not mend. */
export function isRefusedStart({ said, exit }: Pick<Failed, "said" | "exit">): boolean {
  if (exit !== ownFailure) return false;
  const text = said.join("\n");
  return refusedStart.test(text) && !known.some(({ sign }) => sign.test(text));
}

/** Why no agent answered, from what ssh printed. */
export function connectProblem(address: Address, failed: Failed): Problem {
  const { said, noise } = failed;
  const at = atOf(address);
  const told = failed.isLate ? silent(at) : failed.exit === ownFailure ? refusal(at, failed) : noShell(at);
  const shown = [...said, ...(noise === "" ? [] : noise.split("\n"))].slice(-8);
  return new Problem({ ...told, why: shown.at(-1), evidence: shown, state: untouched, exit: exits.refused });
}

function refusal(at: At, failed: Failed): Told {
  const text = failed.said.join("\n");
  const meant = known.find(({ sign }) => sign.test(text));
  if (meant !== undefined) return meant.tell(at);
  if (isRefusedStart(failed))
    return {
      code: "SSH_BUSY",
      what: `${at.name} has refused every connection for a while: sshd has too many at once.`,
      fix: "Try again; raise MaxStartups in its sshd_config when many deploy at once.",
    };
  return {
    code: "SSH_FAILED",
    what: `ssh could not connect to ${at.name}.`,
    fix: `See what a command there answers: ${at.dial} true`,
  };
}

/** ssh came in; what it found there is no shell. */
function noShell({ name, dial }: At): Told {
  return {
    code: "SSH_NO_SHELL",
    what: `${name} lets this user in, but does not run commands for it.`,
    fix: `Give the user a shell there, without a forced command; see what it answers: ${dial} true`,
  };
}

function silent({ name, dial }: At): Told {
  return {
    code: "SSH_SILENT",
    what: `${name} has not started a shell within 45 s.`,
    fix: `See what a command there does: ${dial} true`,
  };
}

export function sshMissing(program: string, cause: unknown): Problem {
  return new Problem(
    {
      code: "SSH_MISSING",
      what: `The ssh client "${program}" cannot be started.`,
      fix: "Install it, for example: sudo apt-get install openssh-client",
      state: untouched,
      exit: exits.refused,
    },
    { cause },
  );
}

/** It was started, and ended before it said a word. */
export function agentFailed(name: string, said: readonly string[]): Problem {
  return new Problem({
    code: "AGENT_FAILED",
    what: `The agent on ${name} ended before it answered.`,
    why: said.at(-1),
    fix: `Remove ~/.cutover/versions on ${name} when nothing runs from there, and try again.`,
    state: untouched,
    evidence: said.slice(-8),
    exit: exits.refused,
  });
}

/** After the agent had answered once. */
export function connectionLost(name: string, said: readonly string[], isSilent: boolean): Problem {
  const silence = `Nothing was heard from it for ${defaultBeat.silentMs / 1000} s.`;
  return new Problem({
    code: "CONNECTION_LOST",
    what: `The connection to ${name} was lost.`,
    why: said.at(-1) ?? (isSilent ? silence : "It was closed from there."),
    fix: 'Check the host and the network; "cutover status" shows what serves, and what to do when a deployment is unfinished.',
    state: `What serves on ${name} goes on; the agent there gives up its step and its lock within 15 s.`,
    evidence: said.slice(-8),
    exit: exits.interrupted,
  });
}

const untouched = "Nothing was changed on it.";

function atOf(address: Address): At {
  const { name, user, port } = address;
  const known = port === undefined || port === 22 ? name : `[${name}]:${port}`;
  const dial = [
    "ssh",
    ...(port === undefined ? [] : ["-p", port]),
    user === undefined ? name : `${user}@${name}`,
  ];
  return { ...address, known, dial: dial.join(" ") };
}
