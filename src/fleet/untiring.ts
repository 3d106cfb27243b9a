import { isProblem } from "../problem.ts";
import { clientOf, connectSupervisor, type SupervisorClient } from "../process/client.ts";
import type { HomePaths } from "../process/home.ts";
import type { ServiceStatus } from "../process/protocol.ts";
import type { Processes } from "./process-effects.ts";

/**
 * The supervisor of this host, started at the first call when none runs. One that was killed is started again for the next
 * call; whether the lost one had its effect, observation tells.
 */
export function untiring(home: HomePaths): Processes {
  let connected: Promise<SupervisorClient> | null = Promise.resolve(clientOf(home));
  const connect = (): Promise<SupervisorClient> => {
    const trial = connectSupervisor(home, { start: true });
    connected = trial;
    trial.catch(() => (connected = null));
    return trial;
  };
  const again =
    <A extends readonly unknown[], R>(call: (supervisor: SupervisorClient, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await call(await (connected ?? connect()), ...args);
      } catch (error) {
        if (!isDown(error)) throw error;
        return await call(await connect(), ...args);
      }
    };
  return {
    services: again((supervisor, options) => supervisor.services(options)),
    stage: again((supervisor, key, request) => supervisor.stage(key, request)),
    check: again((supervisor, key, release) => supervisor.check(key, release)),
    switch: again((supervisor, key, request) => supervisor.switch(key, request)),
    drain: again((supervisor, key, request) => supervisor.drain(key, request)),
    remove: again((supervisor, key) => supervisor.remove(key)),
  };
}

/** null: no supervisor runs. Starts nothing. */
export async function runningServices(home: HomePaths): Promise<readonly ServiceStatus[] | null> {
  try {
    const supervisor = await connectSupervisor(home, { start: false });
    return await supervisor.services();
  } catch (error) {
    if (isDown(error)) return null;
    throw error;
  }
}

function isDown(error: unknown): boolean {
  return isProblem(error) && error.detail.code === "SUPERVISOR_DOWN";
}
