#!/usr/bin/env node

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `NODE_TOO_OLD  cutover needs Node.js 20.19 or newer; this is ${process.version}.\n` +
      "  Fix:  Install Node.js 20.19 or newer.\n  Now:  Nothing was changed.\n",
  );
  process.exit(2);
}
// Not before: an older Node would stop at the first module with an error of its own.
const { run } = await import("./run.ts");
await run(process.argv.slice(2), (exit) => process.exit(exit));
