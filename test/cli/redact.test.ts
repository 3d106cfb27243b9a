import { expect, test } from "vitest";
import { createRedactor } from "../../src/cli/redact.ts";

const secret = 'hunter2 & "Söhne"/+';

function redacted(text: string, value: string = secret): string {
  const redactor = createRedactor();
  redactor.add(value);
  return redactor.redact(text);
}

test.each([
  ["raw", secret],
  ["in JSON", JSON.stringify({ password: secret })],
  ["URL-encoded", encodeURIComponent(secret)],
  ["form-encoded", new URLSearchParams({ p: secret }).toString()],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["in base64url", Buffer.from(secret).toString("base64url")],
  ["in a basic authorization header", Buffer.from(`deploy:${secret}`).toString("base64")],
  ["in a basic authorization header, one byte on", Buffer.from(`deploy1:${secret}`).toString("base64")],
  ["in a basic authorization header, two bytes on", Buffer.from(`deploy12:${secret}`).toString("base64")],
])("a secret does not pass %s", (_form, text) => {
  const result = redacted(text);
  expect(result).toContain("***");
  expect(result).not.toContain("hunter2");
  expect(Buffer.from(result.replace("***", ""), "base64").toString()).not.toContain("hunter2");
});

test("each line of a key is a secret of its own", () => {
  const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END KEY-----\n";
  expect(redacted("at MIIEvQIBADANBg near", key)).toBe("at *** near");
  expect(redacted(`key=${key}`, key)).toBe("key=***");
});

test("a value under five characters is left alone, or every log would be blank", () => {
  expect(redacted("port 3000 and abcd", "abcd")).toBe("port 3000 and abcd");
});

test("the longer of two secrets goes first, so that no rest of it stays", () => {
  const redactor = createRedactor();
  redactor.add("password");
  redactor.add("password-of-root");
  expect(redactor.redact("password-of-root password")).toBe("*** ***");
});
