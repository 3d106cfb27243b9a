import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Problem } from "../../problem.ts";

/** Receiver of one instance's NOTIFY_SOCKET. */
export interface NotifyReceiver {
  /** Settles at READY=1; rejects with a Problem when the receiver was closed or died before. */
  readonly ready: Promise<void>;
  close(): void;
}

/**
 * Each receiver ends when its stdin does, and 5 s after READY=1: systemd-notify sends a second message behind it and
 * fails when nobody is there. Datagrams never carry a newline of ours: one line "ready" is all that is said.
 */
const perl = `use strict; use IO::Socket::UNIX; use Socket; $| = 1;
my $path = shift; unlink $path; umask 0077;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die "$path: $!\\n";
print "bound\\n"; my $end;
while (!defined $end || time < $end) {
  my $in = ''; vec($in, fileno($s), 1) = 1; vec($in, 0, 1) = 1;
  next unless select($in, undef, undef, 1) > 0;
  last if vec($in, 0, 1) && !sysread(STDIN, my $x, 1);
  next unless vec($in, fileno($s), 1);
  recv($s, my $m, 65536, 0); next unless $m =~ /^READY=1$/m;
  print "ready\\n" unless defined $end; $end = time + 5;
}
unlink $path;`;

const python = `import os, re, select, socket, sys, time
path = sys.argv[1]
if os.path.lexists(path): os.unlink(path)
os.umask(0o077)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(path)
print("bound", flush=True); end = None
while end is None or time.time() < end:
    found = select.select([s, 0], [], [], 1)[0]
    if 0 in found and not os.read(0, 1): break
    if s in found and re.search(rb"^READY=1$", s.recv(65536), re.M):
        if end is None: print("ready", flush=True)
        end = time.time() + 5
os.unlink(path)`;

const programs: readonly (readonly [string, readonly string[]])[] = [
  ["perl", ["-e", perl]],
  ["python3", ["-c", python]],
];

/**
 * A datagram socket at `path` that waits for sd_notify(3)'s READY=1: bound when the promise settles. Node has no unix
 * datagrams, so perl or python3 holds it. Problem NOTIFY_UNSUPPORTED when neither is on the host.
 */
export async function openNotify(
  path: string,
  interpreters: readonly string[] = ["perl", "python3"],
): Promise<NotifyReceiver> {
  let reason = "There is no perl and no python3 in PATH.";
  for (const [program, script] of programs.filter(([name]) => interpreters.includes(name))) {
    const outcome = await start(program, [...script, path]);
    if (typeof outcome !== "string") return outcome;
    if (outcome !== "") reason = outcome;
  }
  throw new Problem({
    code: "NOTIFY_UNSUPPORTED",
    what: "The readiness message (NOTIFY_SOCKET) of the program cannot be received.",
    why: reason,
    fix: "Install perl, or declare another health check for the service.",
  });
}

/** The receiver once it is bound, else why it is not; empty when the program is not there. */
async function start(program: string, words: readonly string[]): Promise<NotifyReceiver | string> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout });
  const failure = new Promise<string>((resolve) => {
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("error", () => resolve(""));
    child.once("close", () => resolve(`${program}: ${text.trim()}`));
  });
  const bound = new Promise<null>((resolve) => lines.once("line", () => resolve(null)));
  const outcome = await Promise.race([bound, failure]);
  return outcome ?? receiver(child, lines);
}

function receiver(child: ChildProcess, lines: NodeJS.EventEmitter): NotifyReceiver {
  const ready = new Promise<void>((resolve, reject) => {
    lines.once("line", () => resolve());
    child.once("close", () => {
      reject(
        new Problem({ code: "NOTIFY_CLOSED", what: "The wait for the program's readiness message ended." }),
      );
    });
  });
  ready.catch(() => undefined);
  child.unref();
  return { ready, close: () => child.stdin?.end() };
}
