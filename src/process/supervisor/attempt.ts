import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Expect, HealthSpec, ServiceSpec } from "../../plan/spec.ts";
import { ask, claimsIn, type Claim } from "./control.ts";
import { codeOf, messageOf } from "./error-code.ts";
import type { InstanceRecord } from "./life.ts";
import { knock, probe } from "./probe.ts";

export interface Attempt {
  readonly ok: boolean;
  /** What a failure would be called. */
  readonly code: string;
  /** One line of evidence: what was asked and what came back. */
  readonly said: string;
}

export interface AttemptInput {
  readonly instance: InstanceRecord;
  /** Ports it was seen to take: added to. */
  readonly claimed: Set<number>;
  readonly spec: ServiceSpec;
  readonly port: number | null;
  /** Environment of a health command. */
  readonly env: Readonly<Record<string, string>>;
}

const execute = promisify(execFile);

/** One look at an instance: does it listen, and does it answer as its health check wants. */
export async function attempt(input: AttemptInput): Promise<Attempt> {
  const { port, spec } = input;
  const { claims, trouble } = port === null ? noClaims : await claimsOf(input, port);
  if (port !== null && claims.length === 0) return failed("NEVER_LISTENED", silence(port, trouble));
  const { health } = spec;
  switch (health.kind) {
    case "http":
      return port === null ? alive : everyClaim(claims, (claim) => getOnce(claim, health, port));
    case "tcp":
      return port === null ? alive : everyClaim(claims, (claim) => knockOnce(claim, health.timeoutMs));
    case "command":
      return commandOnce(input, health.command);
    case "message":
    case "notify":
      return readyOnce(input, health.kind, claims);
    case "none":
      return alive;
  }
}

/** A program that says it is ready and answers 500 is not. */
function readyOnce(
  { instance, spec, port }: AttemptInput,
  kind: "message" | "notify",
  claims: readonly LiveClaim[],
): Attempt | Promise<Attempt> {
  const said = readyFileOnce(instance, kind);
  if (!said.ok || port === null) return said;
  const { timeoutMs } = spec.health;
  const root = { path: "/", expect: "any-below-500", timeoutMs } as const;
  return everyClaim(claims, async (claim) => (claim.http ? await getOnce(claim, root, port) : said));
}

function readyFileOnce(instance: InstanceRecord, kind: "message" | "notify"): Attempt {
  const how = kind === "message" ? 'process.send("ready")' : "READY=1 over NOTIFY_SOCKET";
  if (existsSync(join(instance.runDirectory, "ready"))) return passed(`it said ${how}`);
  return failed("NEVER_READY", `it has not said ${how}`);
}

interface LiveClaim extends Claim {
  readonly tls: boolean;
  readonly http: boolean;
}

const alive: Attempt = passed("it runs");

function silence(port: number, trouble: string | null): string {
  const why = trouble === null ? "" : ` (${trouble})`;
  return `nothing listens on port ${String(port)} yet${why}`;
}

interface Claims {
  readonly claims: readonly LiveClaim[];
  /** Why a process that took some port could not be asked. */
  readonly trouble: string | null;
}

const noClaims: Claims = { claims: [], trouble: null };

async function claimsOf({ instance, claimed }: AttemptInput, port: number): Promise<Claims> {
  let trouble: string | null = null;
  const asked = claimsIn(instance.runDirectory).map(async (claim) => {
    try {
      const status = await ask(claim, { do: "status" });
      for (const taken of status.ports) claimed.add(taken);
      return status.ports.includes(port) ? [{ ...claim, tls: status.tls, http: status.http }] : [];
    } catch (error) {
      trouble = `process ${String(claim.pid)} does not answer: ${messageOf(error)}`;
      return [];
    }
  });
  return { claims: (await Promise.all(asked)).flat(), trouble };
}

async function everyClaim(
  claims: readonly LiveClaim[],
  look: (claim: LiveClaim) => Promise<Attempt>,
): Promise<Attempt> {
  const looks = await Promise.all(claims.map(look));
  return looks.find((one) => !one.ok) ?? looks[0] ?? alive;
}

type HttpHealth = Pick<Extract<HealthSpec, { kind: "http" }>, "path" | "expect" | "body" | "timeoutMs">;

async function getOnce(claim: LiveClaim, health: HttpHealth, port: number): Promise<Attempt> {
  if (!claim.http && health.expect === "any-below-500") return knockOnce(claim, health.timeoutMs);
  const asked = `GET ${health.path}`;
  try {
    const { path, timeoutMs } = health;
    const answer = await probe({ socketPath: claim.probe, path, port, tls: claim.tls, timeoutMs });
    const said = `${asked}: ${String(answer.status)} ${excerpt(answer.body)}`;
    if (!isExpected(answer.status, health.expect)) return failed("HEALTH_STATUS", said);
    if (health.body === undefined || new RegExp(health.body).test(answer.body)) return passed(said);
    return failed("HEALTH_BODY", `${said} (without "${health.body}")`);
  } catch (error) {
    return refused(error, asked);
  }
}

async function knockOnce(claim: Claim, timeoutMs: number): Promise<Attempt> {
  try {
    await knock(claim.probe, timeoutMs);
    return passed("it took a connection");
  } catch (error) {
    return refused(error, "connect");
  }
}

async function commandOnce(input: AttemptInput, command: string): Promise<Attempt> {
  const { instance, spec, env } = input;
  try {
    const options = {
      cwd: instance.cwd,
      env,
      timeout: spec.health.timeoutMs,
      killSignal: "SIGKILL" as const,
    };
    await execute("/bin/sh", ["-c", command], options);
    return passed(`${command}: 0`);
  } catch (error) {
    const isLate = error instanceof Error && "killed" in error && error.killed === true;
    if (isLate) return failed("HEALTH_TIMEOUT", `${command}: no end within its time`);
    return failed("HEALTH_COMMAND", excerpt(`${command}: ${messageOf(error)}`));
  }
}

function isExpected(status: number, expect: Expect): boolean {
  return expect === "any-below-500" ? status > 0 && status < 500 : status === expect;
}

function refused(error: unknown, asked: string): Attempt {
  const isLate = codeOf(error) === "PROBE_TIMEOUT";
  return failed(isLate ? "HEALTH_TIMEOUT" : "HEALTH_REFUSED", `${asked}: ${messageOf(error)}`);
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}

function passed(said: string): Attempt {
  return { ok: true, code: "HEALTH_PASSED", said };
}

function failed(code: string, said: string): Attempt {
  return { ok: false, code, said };
}
