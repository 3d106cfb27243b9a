import { defineConfig } from "vitest/config";

/** `npm run bench` runs all of them, `npm run bench -- soak` one; CUTOVER_BENCH_RECORD=1 writes docs/benchmarks.md. */
export default defineConfig({
  test: {
    include: ["test/bench/*.bench.ts"],
    globalSetup: ["test/e2e/global-setup.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    reporters: ["default"],
    disableConsoleIntercept: true,
  },
});
