import { defineConfig } from "vitest/config";

/** Tests on real containers wait half of their time: two files at a time, and in each tests in pairs. */
const onContainers = {
  maxWorkers: 2,
  // A process is used again for the next file: they share nothing.
  isolate: false,
  maxConcurrency: 2,
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // Pure code shares nothing: loading it anew for each file would take longer than the tests.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/adapters/**", "test/scenarios/**"],
        },
      },
      { test: { name: "adapters", include: ["test/adapters/**/*.test.ts"], ...onContainers } },
      { test: { name: "scenarios", include: ["test/scenarios/**/*.test.ts"], ...onContainers } },
    ],
  },
});
