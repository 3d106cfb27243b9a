import { constants } from "node:os";
import { join } from "node:path";
import { runnerImport } from "vite";

// The play is an end-to-end test, too; this only runs it and shows what it tells.
const root = join(import.meta.dirname, "../..");
const from = async (path) => {
  const options = { root, configFile: false, logLevel: "error" };
  return (await runnerImport(join(root, "test/e2e/fleet", path), options)).module;
};

const { play } = await from("blue-green/play.ts");
const { findings } = await from("blue-green/findings.ts");
const { createTeller } = await from("blue-green/teller.ts");

const { isTTY, columns } = process.stdout;
const told = createTeller({
  isColoured: isTTY === true && !process.env.NO_COLOR,
  columns: isTTY === true ? Math.min(columns, 110) : Infinity,
  write: (line) => process.stdout.write(`${line}\n`),
});
const leaving = new AbortController();
// What cutover says of machines that are being ended is of no interest.
const teller = { ...told, cutover: (line) => leaving.signal.aborted || told.cutover(line) };
let signal;
const leave = (name) => {
  if (signal !== undefined) return;
  signal = name;
  told.say(`${name}: the machines are being ended.`);
  leaving.abort();
};
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => leave(name));
// Whoever reads this has gone.
process.stdout.on("error", () => leave("SIGPIPE"));

try {
  const wrong = findings(await play(teller, leaving.signal));
  for (const finding of wrong) teller.say(`Not as it should be: ${finding}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} catch (error) {
  if (signal === undefined) teller.say(`Broken off: ${error.message}`);
  process.exitCode = signal === undefined ? 1 : 128 + constants.signals[signal];
}
teller.say("The machines and all that ran on them are gone.");
process.exit();
