import { execFileSync } from "node:child_process";

/** End-to-end tests run the compiled program, as users do. */
export default function setup(): void {
  execFileSync("npx", ["tsc", "-b"], { stdio: "inherit" });
}
