import { fileSource } from "./file.ts";
import { onePasswordSource } from "./one-password.ts";
import { environmentSource } from "./environment.ts";
import type { SecretSource } from "./source.ts";

/** Every place that secrets may come from: a file and a line each. */
export const secretSources: readonly SecretSource[] = [environmentSource, fileSource, onePasswordSource];
