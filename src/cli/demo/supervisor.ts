import { request } from "node:http";
import { homePaths } from "../../process/home.ts";

/** Ends the supervisor of this home with everything it runs; nothing to do when there is none. */
export function stopSupervisor(home: string): Promise<void> {
  const socketPath = homePaths({ CUTOVER_HOME: home }).supervisorSocket;
  const body = JSON.stringify({ instances: "stop" });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const asked = request({ socketPath, method: "POST", path: "/v1/shutdown", headers }, (response) => {
      response.resume().once("close", resolve);
    });
    asked.once("error", () => resolve());
    asked.end(body);
  });
}
