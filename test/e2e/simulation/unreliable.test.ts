import { it } from "vitest";
import { deployWithMishaps } from "../../simulation/unreliable.ts";

it("5,000 deployments end well over a network that loses, doubles and delays", () => deployWithMishaps(5000));
