import { fleetContract } from "../../contract/fleet/contract.ts";
import { simulated } from "../../contract/fleet/simulated.ts";

fleetContract(simulated);
