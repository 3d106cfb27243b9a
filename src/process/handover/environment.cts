/** What the supervisor said, read once: the program may change its own environment afterwards. */

const { env } = process;

export const runDir: string = env["CUTOVER_RUN"] ?? "";
export const backlog: number = Number(env["CUTOVER_BACKLOG"]) || 4096;
export const isGateOpenAtFirst: boolean = env["CUTOVER_GATE"] === "open";
export const isLearning: boolean = env["CUTOVER_LEARN"] === "1";
export const wantsShutdownMessage: boolean = env["CUTOVER_SHUTDOWN_MESSAGE"] === "1";
export const publicPort: number = Number(env["PORT"]) || 0;

/** Port -> descriptors of its listening socket, as CUTOVER_LISTEN has them. */
export function readPorts(): ReadonlyMap<number, readonly number[]> {
  try {
    const ports = JSON.parse(env["CUTOVER_LISTEN"] ?? "{}") as Record<string, number[]>;
    return new Map(Object.entries(ports).map(([port, descriptors]) => [Number(port), descriptors]));
  } catch {
    return new Map();
  }
}
