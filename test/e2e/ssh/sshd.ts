import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Problem } from "../../../dist/problem.js";
import type { ProblemDetail } from "../../../src/problem.ts";
import { freePort, until } from "../bare.ts";
import { quickKeys } from "../fleet/bed/accounts.ts";

export const hasSshd: boolean = existsSync("/usr/sbin/sshd") && existsSync("/usr/bin/ssh");

/** The detail of the Problem that some work ends with; the compiled program has a class of its own. */
export async function problemOf(work: Promise<unknown>): Promise<ProblemDetail> {
  const end: unknown = await work.then(
    () => "no problem",
    (error: unknown) => error,
  );
  if (end instanceof Problem) return end.detail;
  throw new Error(`expected a problem, got ${String(end)}`, { cause: end });
}

export interface SshdOptions {
  /** Lines of sshd_config that come first, and so win. */
  readonly settings?: readonly string[];
  readonly user?: string;
}

/** A real sshd on a loopback port with its own keys, config and CUTOVER_HOME, and an operator who may come in. */
export interface Sshd {
  readonly directory: string;
  /** CUTOVER_HOME of whoever comes in. */
  readonly home: string;
  /** Name of the server in the operator's ssh config. */
  readonly name: string;
  readonly port: number;
  /** The operator's environment: CUTOVER_SSH, CUTOVER_HOME. */
  readonly env: Record<string, string | undefined>;
  readonly knownHosts: string;
  readonly pid: number;
  log(): string;
  /** More lines for the operator's ssh config, before the others. */
  configure(lines: readonly string[]): void;
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), "cutover-sshd-"));
  const at = (name: string): string => join(directory, name);
  // sshd reads the keys of a user as that user.
  chmodSync(directory, 0o755);
  const [home, account] = [at("home"), at("account")];
  mkdirSync(account);
  const port = await freePort();
  for (const key of ["host_key", "user_key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key), "-C", key]);
  writeFileSync(at("authorized_keys"), readFileSync(at("user_key.pub")), { mode: 0o644 });
  const knownHosts = at("known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${readFileSync(at("host_key.pub"), "utf8")}`);
  const config = [
    ...(options.settings ?? []),
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${at("host_key")}`,
    `AuthorizedKeysFile ${at("authorized_keys")}`,
    "PidFile none",
    quickKeys,
    "UsePAM no",
    "StrictModes no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "LogLevel VERBOSE",
    // A shell that sshd starts reads the .bashrc at home, and what a user has there may take long.
    `SetEnv CUTOVER_HOME=${home} HOME=${account}`,
  ];
  writeFileSync(at("sshd_config"), `${config.join("\n")}\n`);
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  let log = "";
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  await until("sshd listens", () => log.includes("Server listening") || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`sshd ended: ${log}`);
  const configure = (lines: readonly string[]): void => {
    const own = [
      "Host *",
      ...lines,
      "HostName 127.0.0.1",
      `Port ${port}`,
      `User ${options.user ?? userInfo().username}`,
      `IdentityFile ${at("user_key")}`,
      "IdentitiesOnly yes",
      `UserKnownHostsFile ${knownHosts}`,
      "GlobalKnownHostsFile /dev/null",
    ];
    writeFileSync(at("ssh_config"), `${own.join("\n")}\n`);
  };
  configure([]);
  return {
    directory,
    home,
    name: "alpha",
    port,
    env: { ...process.env, CUTOVER_SSH: `ssh -F ${at("ssh_config")}`, CUTOVER_HOME: at("operator") },
    knownHosts,
    pid: child.pid ?? 0,
    log: () => log,
    configure,
    async stop() {
      if (child.exitCode === null) {
        const exited = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await exited;
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
