import { defineConfig } from "vitest/config";

/** Real containers share two cores: files run one after another, tests that wait in pairs. */
const onContainers = {
  fileParallelism: false,
  // One process for all files, which share nothing.
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
