// Usage: sum-reports.js FOLDER NAME… Sums vitest's JSON reports FOLDER/NAME.json as one line,
// `N passed, N failed, N skipped`. A missing report, and a file that could not even be collected,
// count as one failure each. Exit 1 when something failed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...names] = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of names) {
  const report = readReport(join(folder, `${name}.json`));
  if (report === undefined) {
    console.log(`${name}: no report`);
    sum.failed += 1;
    continue;
  }
  const uncollected = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests + uncollected.length;
  sum.skipped += report.numPendingTests + report.numTodoTests;
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
