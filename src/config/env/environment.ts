import { referenceProblem, type SecretSource } from "./source.ts";

/** env://NAME: the operator's environment, for a place where $NAME would be taken literally. */
export const environmentSource: SecretSource = {
  scheme: "env",
  read: (references, { env }) =>
    Promise.resolve(
      references.map((reference) => {
        const name = reference.slice("env://".length);
        const value = env[name];
        if (value === undefined) {
          throw referenceProblem(
            `${name} is not set in the environment.`,
            `Set ${name} and run the command again.`,
          );
        }
        return value;
      }),
    ),
};
