import type { Driver } from "./driver.ts";

/** The register: engine of `traffic:` -> its driver, loaded when it is used. */
export const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  haproxy: async () => (await import("./haproxy/driver.ts")).haproxy,
  caddy: async () => (await import("./caddy/driver.ts")).caddy,
  nginx: async () => (await import("./nginx/driver.ts")).nginx,
};
