// Usage: write-durations.js [REPORT]. Writes test/durations.json, the seconds that each test file on containers
// takes, from vitest's JSON report of a whole `npm test` (default: test-results/containers.json).
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const report = process.argv[2] ?? join(root, "test-results", "containers.json");
const { testResults } = JSON.parse(readFileSync(report, "utf8"));
const seconds = testResults.map(({ name, startTime, endTime }) => [
  relative(root, name),
  Math.round((endTime - startTime) / 1000),
]);
const sorted = seconds.toSorted(([a], [b]) => (a < b ? -1 : 1));
const table = JSON.stringify(Object.fromEntries(sorted), undefined, 2);
writeFileSync(join(root, "test", "durations.json"), `${table}\n`);
