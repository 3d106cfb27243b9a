import { drivers } from "../../../src/traffic/drivers.ts";
import { trafficContract } from "../../contract/traffic/contract.ts";
import { findCaddy, startCaddy } from "./caddy.ts";

trafficContract({
  name: "caddy",
  load: drivers["caddy"],
  missing: findCaddy() === undefined ? "caddy" : undefined,
  start: startCaddy,
  sticky: {
    start: (site) =>
      startCaddy(site, { proxy: (to) => [`reverse_proxy ${to} {`, "\tlb_policy ip_hash", "}"] }),
    line: /"lb_policy ip_hash" \(/,
  },
});
