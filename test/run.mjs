// `npm test` on a machine with nothing but git and Node: installs what is missing, runs the suite, names what was skipped.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parts } from "./parts.mjs";

const root = join(import.meta.dirname, "..");
const isCi = process.env.CI === "true";

function run(command, args, env = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...env } };
  return spawnSync(command, args, options).status ?? 1;
}

function isThere({ command, file, isVersioned }) {
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"].filter(existsSync);
  // Debian calls it php-fpm8.2.
  if (isVersioned && places.some((place) => readdirSync(place).some((name) => name.startsWith(command))))
    return true;
  return (file !== undefined && existsSync(file)) || places.some((place) => existsSync(join(place, command)));
}

function installParts() {
  const missing = parts.filter((part) => !isThere(part));
  if (missing.length === 0) return;
  if (process.getuid() === 0 && existsSync("/usr/bin/apt-get")) {
    // RUNLEVEL keeps packages from starting their daemons.
    const quiet = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    const names = missing.map(({ debian }) => debian);
    console.log(`Installing ${names.join(", ")}`);
    if (run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], quiet) !== 0) {
      run("apt-get", ["update", "-qq"], quiet);
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], quiet);
    }
  }
  for (const part of parts.filter((part) => !isThere(part))) {
    console.log(`Missing, its tests are skipped: ${part.command} (Debian package ${part.debian})`);
  }
}

function installDependencies() {
  const installed = join(root, "node_modules/vitest/package.json");
  if (existsSync(installed)) return;
  if (run("npm", ["ci", "--no-audit", "--no-fund"]) !== 0) process.exit(1);
}

function report(file) {
  if (!existsSync(file)) return 1;
  const result = JSON.parse(readFileSync(file, "utf8"));
  const skipped = result.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(
      ({ status }) => status === "skipped" || status === "pending" || status === "todo",
    ),
  );
  for (const { fullName } of skipped) console.log(`Skipped: ${fullName}`);
  console.log(
    `\n${result.numPassedTests} passed, ${result.numFailedTests} failed, ${skipped.length} skipped`,
  );
  if (!isCi || skipped.length === 0) return 0;
  console.log("CI=true: a skipped test counts as a failure.");
  return 1;
}

installDependencies();
installParts();
const directory = mkdtempSync(join(tmpdir(), "cutover-test-"));
const json = join(directory, "result.json");
const vitest = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${json}`];
const status = run(process.execPath, [
  join(root, "node_modules/vitest/vitest.mjs"),
  ...vitest,
  ...process.argv.slice(2),
]);
const verdict = report(json);
rmSync(directory, { recursive: true, force: true });
process.exit(status === 0 ? verdict : status);
