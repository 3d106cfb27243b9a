import { randomInt } from "node:crypto";
import { isPortInUse } from "../supervisor/port-holder.ts";

/** Below the range from which Linux takes the ports of outgoing connections. */
const first = 20_000;
const afterLast = 32_768;

/** A port that nobody uses now. Not bound to find out: the program would meet what is left of that. */
export function choosePrivatePort(): number {
  for (let round = 0; round < 100; round += 1) {
    const port = randomInt(first, afterLast);
    if (!isPortInUse(port)) return port;
  }
  return randomInt(first, afterLast);
}
