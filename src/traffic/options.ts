import { nearest } from "../nearest.ts";
import { Problem, exits } from "../problem.ts";

/** The given options over the defaults. Problem TRAFFIC_OPTION: one that the driver does not know. */
export function readOptions<Name extends string>(
  engine: string,
  given: Readonly<Record<string, string>>,
  defaults: Readonly<Record<Name, string>>,
): Record<Name, string> {
  const known = Object.keys(defaults);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const close = nearest(name, known);
    throw new Problem({
      code: "TRAFFIC_OPTION",
      what: `The traffic driver ${engine} has no option "${name}".`,
      why: `It knows ${known.join(", ")}.`,
      fix: close === undefined ? "Remove it from traffic: in the config." : `Did you mean "${close}"?`,
      state: "Nothing was changed.",
      exit: exits.usage,
    });
  }
  return { ...defaults, ...given };
}
