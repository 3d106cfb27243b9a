import { hidePasswords } from "./passwords.ts";
import { isMap } from "./validate.ts";

const secretName = /secret|token|passw|pwd|credential|private|api_?key|access_?key|dsn|salt/i;
const reference = /^(\$\w+|\$\{\w+(:-[^}]*)?\}|(env|file|op):\/\/.*)$/;
const mask = "***";

/** A copy without values that look secret; references stay, they are what a config should hold. */
export function maskSecrets(value: unknown, name: string = ""): unknown {
  if (Array.isArray(value)) {
    return value.map((entry: unknown) => maskSecrets(entry, name));
  }
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskSecrets(inner, key)]));
  }
  if (typeof value !== "string" || reference.test(value)) {
    return value;
  }
  if (secretName.test(name) || name === "slack" || name === "webhook") {
    return mask;
  }
  return hidePasswords(value, mask);
}
