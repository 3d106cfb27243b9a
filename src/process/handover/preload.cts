import { isMainThread } from "node:worker_threads";
import type * as Install from "./install.cts";

/**
 * Runs inside every Node process of an instance, before the program, by NODE_OPTIONS=--require. Changes nothing until a
 * declared port is listened on. A server in a worker thread binds for itself.
 */

const installed = Symbol.for("cutover.handover");
const isInstance = process.env["CUTOVER_RUN"] !== undefined && isMainThread;

if (isInstance && !(installed in globalThis)) {
  Reflect.set(globalThis, installed, true);
  const { install } = require("./install.cjs") as typeof Install;
  install();
}
