import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const hourMs = 3_600_000;

/** Tests on real containers wait half of their time: two files at a time, and in each tests in pairs. */
const onContainers = {
  maxWorkers: 2,
  // A process is used again for the next file: they share nothing.
  isolate: false,
  maxConcurrency: 2,
  // Four times what the slowest takes on an idle machine: a busy one is no failure.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          // Pure code shares nothing: loading it anew for each file would take longer than the tests.
          isolate: false,
          // Some files wait for programs and servers meanwhile.
          maxWorkers: 2,
          include: ["test/**/*.test.ts"],
          exclude: ["test/adapters/**", "test/scenarios/**", "test/long/**"],
          // Some start programs, which takes seconds on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "adapters",
          include: ["test/adapters/**/*.test.ts"],
          globalSetup: ["test/support/shared-clusters.ts"],
          ...onContainers,
        },
      },
      { test: { name: "scenarios", include: ["test/scenarios/**/*.test.ts"], ...onContainers } },
      {
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts"],
          ...onContainers,
          // Nothing else runs beside them: a test may load the whole machine.
          maxWorkers: 1,
          // Kinds of attempts that share nothing wait for brokers most of the time.
          maxConcurrency: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 2 * hourMs,
        },
      },
    ],
  },
});
