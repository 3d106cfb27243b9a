import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests that hold a time or a size against a budget, or load what needs a whole core: nothing else may run beside them. */
const measuring = [
  "test/e2e/cli/main.test.ts",
  "test/e2e/matrix/frameworks.test.ts",
  "test/e2e/process-parts/proc.test.ts",
  "test/e2e/process/footprint.test.ts",
  "test/e2e/proof/controls.test.ts",
  "test/e2e/proof/prober.test.ts",
  "test/e2e/simulation/fleet-search.test.ts",
  "test/proof/at-switch.test.ts",
  "test/proof/prober.test.ts",
];

/** What takes longest begins first, so that in the end nobody waits for one of them alone. */
const longest = [
  "test/e2e/fleet/crash-nginx-halves.test.ts",
  "test/e2e/fleet/crash-nginx.test.ts",
  "test/e2e/deploy/crash.test.ts",
  "test/e2e/fleet/crash-haproxy.test.ts",
  "test/e2e/fleet/operators.test.ts",
  "test/e2e/fleet/canary.test.ts",
  "test/e2e/fleet/canary-by-default.test.ts",
  "test/e2e/fleet/canary-split.test.ts",
  "test/e2e/proof/judge-rates.test.ts",
  "test/e2e/proof/demo.test.ts",
  "test/e2e/matrix/pm2-table.test.ts",
  "test/e2e/simulation/search.test.ts",
  "test/e2e/traffic/fleet.test.ts",
  "test/e2e/fleet/blue-green.test.ts",
  "test/e2e/fleet/deaths.test.ts",
  "test/e2e/fleet/blue-green-interrupt.test.ts",
  "test/e2e/proof/deploy.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const index = longest.findIndex((file) => moduleId.endsWith(file));
      return index === -1 ? longest.length : index;
    };
    return others.toSorted((a, b) => place(a) - place(b));
  }
}

const e2e = {
  globalSetup: "test/e2e/global-setup.ts",
  pool: "forks",
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

export default defineConfig({
  test: {
    // Tests of one file that run side by side share two cores with what they measure.
    maxConcurrency: 5,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/bench/**", ...measuring],
          pool: "threads",
          isolate: false,
          // Many of them wait, for little time each.
          maxWorkers: 3,
        },
      },
      {
        test: {
          ...e2e,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: measuring,
          // Some of them wait for something most of the time.
          maxWorkers: 3,
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
