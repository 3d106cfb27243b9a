import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../quote.ts";
import { ask, claimsIn } from "./control.ts";
import type { Service } from "./life.ts";
import { type ShimRecord, tellShim } from "./shim.ts";

/** Somebody who holds ports and can run a program that inherits them, as descriptors 3, 4, ... in the order of `ports`. */
export interface Lender {
  readonly ports: readonly number[];
  run(directory: string, argv: readonly string[]): Promise<void>;
}

export function shimLender(shim: ShimRecord): Lender {
  return {
    ports: shim.ports,
    run(directory, argv) {
      const line = `exec ${argv.map(quote).join(" ")} >/dev/null 2>&1\n`;
      writeFileSync(join(directory, "launch.sh"), line, { mode: 0o600 });
      tellShim(shim, "launch", directory);
      return Promise.resolve();
    },
  };
}

/** A running instance that has every port of a shim which was killed; null: nobody has them. */
export async function instanceLender(service: Service, ports: readonly number[]): Promise<Lender | null> {
  const claims = service.instances
    .filter((instance) => instance.exit === null)
    .flatMap((instance) => claimsIn(instance.record.runDirectory));
  for (const claim of claims) {
    const status = await ask(claim, { do: "status" }).catch(() => null);
    if (status === null || !ports.every((port) => status.ports.includes(port))) continue;
    return {
      ports,
      async run(_, argv) {
        await ask(claim, { do: "lend", ports, run: argv });
      },
    };
  }
  return null;
}
