import { drivers } from "../../../src/traffic/drivers.ts";
import { trafficContract } from "../../contract/traffic/contract.ts";
import { findHaproxy, startHaproxy } from "./haproxy.ts";

trafficContract({
  name: "haproxy",
  load: drivers["haproxy"],
  missing: findHaproxy() === undefined ? "haproxy" : undefined,
  start: startHaproxy,
  sticky: {
    start: (site) => startHaproxy(site, { backend: ["balance source", "hash-type consistent"] }),
    line: /"balance source" \(/,
  },
});
