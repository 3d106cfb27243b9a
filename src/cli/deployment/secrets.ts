import type { Shelved } from "../../fleet/shelf.ts";
import type { Io } from "../command.ts";

/** Every secret value of a shelved release is redacted in every sink. */
export function noteSecrets(io: Io, shelved: Shelved): void {
  for (const value of shelved.secrets) io.secret(value);
}
