import fs from "node:fs";
import path from "node:path";
import { runDir, wantsShutdownMessage } from "./environment.cts";

type Send = NonNullable<typeof process.send>;

/** Programs written for PM2 say process.send("ready"), and listen for the message "shutdown", without a channel of their own. */
export function installMessage(): void {
  if (process.send !== undefined) return;
  process.send = ((message: unknown, ...rest: unknown[]) => {
    if (message === "ready") sayReady();
    const callback = rest.at(-1);
    if (typeof callback === "function") process.nextTick(callback, null);
    return true;
  }) as Send;
  process.connected = true;
  process.disconnect = () => {
    process.connected = false;
  };
}

/** What goes wrong here is ours, and must not become an exception of the program. */
function sayReady(): void {
  try {
    fs.writeFileSync(path.join(runDir, "ready"), String(process.pid));
  } catch (error) {
    process.stderr.write(`cutover: "ready" could not be passed on: ${String(error)}\n`);
  }
}

let isSaid = false;

/** In place of a signal, once nothing is left to answer. */
export function sayShutdown(): void {
  if (isSaid || !wantsShutdownMessage) return;
  isSaid = true;
  process.emit("message", "shutdown", undefined);
}
