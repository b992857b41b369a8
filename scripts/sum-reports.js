// Usage: sum-reports.js FOLDER NAME… Sums vitest's JSON reports FOLDER/NAME.json and pytest's JUnit
// reports FOLDER/NAME.xml as one line, `N passed, N failed, N skipped`. A missing report, and a file
// that could not even be collected, count as one failure each. Exit 1 when something failed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...names] = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of names) {
  const counts =
    readVitest(join(folder, `${name}.json`)) ?? readPytest(join(folder, `${name}.xml`));
  if (counts === undefined) console.log(`${name}: no report`);
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: 0 };
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped;
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;

function readVitest(path) {
  const text = readText(path);
  if (text === undefined) return undefined;
  const report = JSON.parse(text);
  const uncollected = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + uncollected.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The counts stand in the attributes of <testsuite>; what could not be collected counts as an error. */
function readPytest(path) {
  const [suite] = /<testsuite [^>]*>/.exec(readText(path) ?? "") ?? [];
  if (suite === undefined) return undefined;
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? Number.NaN);
  const failed = count("failures") + count("errors");
  const skipped = count("skipped");
  return { passed: count("tests") - failed - skipped, failed, skipped };
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
