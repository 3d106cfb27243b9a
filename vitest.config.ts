import { defineConfig } from "vitest/config";

/** Tests that hold a time or a size against a budget: nothing else may run beside them. */
const measuring = [
  "test/e2e/cli/main.test.ts",
  "test/e2e/process-parts/proc.test.ts",
  "test/e2e/process/footprint.test.ts",
  "test/e2e/proof/**/*.test.ts",
  "test/e2e/simulation/fleet-search.test.ts",
];

const e2e = {
  globalSetup: "test/e2e/global-setup.ts",
  pool: "forks",
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

export default defineConfig({
  test: {
    // Tests of one file that run side by side share two cores with what they measure.
    maxConcurrency: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/bench/**"],
          pool: "threads",
          isolate: false,
        },
      },
      {
        test: {
          ...e2e,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: measuring,
          // Most of them wait for something most of the time.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...e2e,
          name: "measuring",
          include: measuring,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
