import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { referenceProblem, type SecretSource, type SourceContext } from "./source.ts";

const deadlineMs = 60_000;

/**
 * op://vault/item/field through the vendor's `op` command line: one call for all references, which travel on its stdin; the
 * values come back on its stdout. Its token is in the environment.
 */
export const onePasswordSource: SecretSource = {
  scheme: "op",
  async read(references, context) {
    const mark = `cutover-${randomUUID()}`;
    const template = references.map((reference) => `${mark}{{ ${reference} }}`).join("\n");
    const filled = await inject(`${template}\n${mark}`, references, context);
    const values = filled
      .split(mark)
      .slice(1, -1)
      .map((part) => part.replace(/\n$/, ""));
    if (values.length !== references.length) {
      throw referenceProblem(
        `"op inject" gave ${values.length} values for ${references.length} references.`,
        "Run op inject by hand with the template to see what it makes of it.",
      );
    }
    return values;
  },
};

function inject(template: string, references: readonly string[], context: SourceContext): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("op", ["inject"], {
      cwd: context.directory,
      env: { ...context.env },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: deadlineMs,
      killSignal: "SIGKILL",
      ...(context.signal && { signal: context.signal }),
    });
    let output = "";
    let complaints = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    // An op that fails early may not read its input to the end.
    child.stdin.on("error", () => undefined).end(template);
    child.on("error", (error) => reject(startProblem(error)));
    child.on("close", (code, signal) =>
      code === 0 ? resolve(output) : reject(failure({ code, signal, complaints, references })),
    );
  });
}

function startProblem(error: Error): Error {
  if ("code" in error && error.code === "ENOENT") {
    return referenceProblem(
      'The env template has op:// references, and the command "op" was not found.',
      "Install the 1Password command line, and give it OP_SERVICE_ACCOUNT_TOKEN or sign in.",
    );
  }
  return referenceProblem(`"op" could not be run: ${error.message}.`, "Run op whoami.");
}

interface Failure {
  readonly code: number | null;
  readonly signal: string | null;
  readonly complaints: string;
  readonly references: readonly string[];
}

function failure({ code, signal, complaints, references }: Failure): Error {
  if (signal !== null) {
    return referenceProblem(
      `"op inject" did not answer within ${deadlineMs / 1000} seconds.`,
      "Run op whoami: it may be waiting for a sign-in.",
    );
  }
  const said = complaints.trim().split("\n").slice(-10);
  const named = references.filter((reference) => complaints.includes(reference));
  const which = named.length === 0 ? `one of ${references.length} op:// references` : named.join(", ");
  return referenceProblem(
    `"op inject" could not resolve ${which} (exit ${code}).`,
    "Run op read with the reference to see more.",
    said,
  );
}
