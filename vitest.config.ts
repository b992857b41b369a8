import { defineConfig } from "vitest/config";

/** Half of their time these wait for brokers: two files at once use two cores well. */
const onContainers = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
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
