import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { prepareFixtures } from "./fixtures.ts";
import { watchHomes } from "./open-homes.ts";

const tsc = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

/** End-to-end tests run the compiled program, as users do, with real frameworks. */
export default function setup(): () => void {
  // What tests deploy is nothing for the summary of the job that they run in.
  delete process.env["GITHUB_STEP_SUMMARY"];
  execFileSync(process.execPath, [tsc, "-b", "src"], { stdio: "inherit" });
  try {
    prepareFixtures();
  } catch (error) {
    console.error(
      `The fixture applications could not be installed, so their tests are skipped: ${String(error)}`,
    );
  }
  return watchHomes();
}
