import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createOutput, type Output } from "../../src/cli/output.ts";
import { createRedactor } from "../../src/cli/redact.ts";

function open(secrets: readonly string[]): { readonly output: Output; readonly text: () => string } {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk.toString());
      done();
    },
  });
  const redactor = createRedactor();
  secrets.forEach((secret) => redactor.add(secret));
  return { output: createOutput(stream, redactor, () => undefined), text: () => parts.join("") };
}

test("text is redacted", () => {
  const { output, text } = open(["geheim-1"]);
  output.write("password geheim-1\n");
  expect(text()).toBe("password ***\n");
});

test("JSON stays JSON whatever the secrets look like", () => {
  const { output, text } = open(["12345", 'say "hi"', "line one\nline two"]);
  output.writeJson({ ms: 1_234_567, evidence: ["pin 12345", 'say "hi"', "line one\nline two"] });
  expect(JSON.parse(text())).toEqual({ ms: 1_234_567, evidence: ["pin ***", "***", "***"] });
});
