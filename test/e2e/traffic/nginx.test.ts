import { nginx } from "../../../src/traffic/nginx/driver.ts";
import { trafficContract } from "../../contract/traffic/contract.ts";
import { findNginx, startNginx } from "./nginx.ts";

trafficContract({
  name: "nginx",
  load: async () => nginx,
  missing: findNginx() === undefined ? "nginx" : undefined,
  start: startNginx,
  sticky: { start: (site) => startNginx(site, { upstream: "ip_hash;" }), line: /"ip_hash" \(/ },
});
