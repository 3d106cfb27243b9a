import { it } from "vitest";
import { deployWithMishaps } from "./unreliable.ts";

it(
  "a deployment ends well over a network that loses, doubles and delays",
  () => deployWithMishaps(60),
  60_000,
);
