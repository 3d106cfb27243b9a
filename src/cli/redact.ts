/** Shorter values would blank out half of every log; they are not secrets worth the name. */
const minLength = 5;
const mask = "***";

export interface Redactor {
  /** From now on the value and its encoded forms never pass. */
  add(value: string): void;
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    add(value) {
      const before = forms.size;
      for (const form of formsOf(value)) {
        forms.add(form);
      }
      pattern = forms.size === before ? pattern : patternOf(forms);
    },
    redact: (text) => (pattern === undefined ? text : text.replace(pattern, mask)),
  };
}

function patternOf(forms: ReadonlySet<string>): RegExp | undefined {
  const longestFirst = [...forms].sort((left, right) => right.length - left.length);
  return longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escapeRegExp).join("|"), "g");
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** The value as it may appear in a sink: raw, each line, in JSON, URL-encoded, in base64 at any offset. */
function formsOf(value: string): readonly string[] {
  const plain = [value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())];
  const long = [...new Set(plain)].filter((form) => form.length >= minLength);
  const encoded = long.flatMap((form) => [
    form,
    JSON.stringify(form).slice(1, -1),
    encodeURIComponent(form),
    new URLSearchParams({ form }).toString().slice("form=".length),
    ...base64Forms(form),
  ]);
  return encoded.filter((form) => form.length >= minLength);
}

/** "user:secret" in base64 shifts the secret by 0, 1 or 2 bytes: the part that depends on the secret alone, each time. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const whole = [bytes.toString("base64"), bytes.toString("base64url")];
  const shifted = [0, 1, 2].flatMap((offset) => {
    const skip = offset === 0 ? 0 : 4;
    const kept = offset + bytes.length - ((offset + bytes.length) % 3);
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .subarray(0, kept)
      .toString("base64");
    const inner = text.slice(skip);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [...whole, ...shifted.filter((form) => form.length >= 2 * minLength)];
}
