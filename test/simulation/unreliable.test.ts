import { it } from "vitest";
import { deployWithMishaps } from "./unreliable.ts";

it("a deployment ends well over a network that loses, doubles and delays", { timeout: 60_000 }, async () => {
  await deployWithMishaps(60);
});
