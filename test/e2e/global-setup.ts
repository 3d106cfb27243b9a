import { execFileSync } from "node:child_process";
import { prepareFixtures } from "./fixtures.ts";

/** End-to-end tests run the compiled program, as users do, with real frameworks. */
export default function setup(): void {
  execFileSync("npx", ["tsc", "-b"], { stdio: "inherit" });
  try {
    prepareFixtures();
  } catch (error) {
    console.error(
      `The fixture applications could not be installed, so their tests are skipped: ${String(error)}`,
    );
  }
}
