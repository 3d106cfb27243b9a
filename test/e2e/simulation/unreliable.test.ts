import { expect, it } from "vitest";
import { deployWithMishaps } from "../../simulation/unreliable.ts";

const mishaps = ["lost", "never", "late", "doubled", "death"];

it("5,000 deployments end well over a network that loses, doubles and delays", async () => {
  const count = await deployWithMishaps(5000);
  console.log(
    Object.entries(count)
      .map(([what, times]) => `${what}: ${times}`)
      .join(", "),
  );
  for (const mishap of mishaps) expect(count[mishap]).toBeGreaterThan(500);
  expect(count["fleets new"]).toBeGreaterThan(500);
}, 600_000);
