import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { referenceProblem, type SecretSource } from "./source.ts";

/** file:///absolute/path or file://path beside the template; one newline at the end is not part of the value. */
export const fileSource: SecretSource = {
  scheme: "file",
  read: (references, { directory }) =>
    Promise.all(
      references.map(async (reference) => {
        const path = resolve(directory, reference.slice("file://".length));
        try {
          return (await readFile(path, "utf8")).replace(/\r?\n$/, "");
        } catch (error) {
          const why = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
          throw referenceProblem(`${reference} cannot be read (${why}).`, `Put the value into ${path}.`);
        }
      }),
    ),
};
