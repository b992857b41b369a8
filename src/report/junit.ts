import type { CheckResult, SmokeDocument } from "../smoke/model.ts";

/**
 * The verdicts as JUnit XML, in the dialect that CI systems share
 * (https://github.com/testmoapp/junitxml): a check is a test case, one that is not applicable is
 * skipped. Times are in seconds.
 */
export function renderJunit({ project, checks }: SmokeDocument): string {
  const count = (verdict: CheckResult["verdict"]): number =>
    checks.filter((check) => check.verdict === verdict).length;
  const longest = Math.max(0, ...checks.map(({ durationMs }) => durationMs));
  const suite = formatAttributes({
    name: `dp smoke ${project}`,
    tests: String(checks.length),
    failures: String(count("failed")),
    errors: "0",
    skipped: String(count("not-applicable")),
    time: formatSeconds(longest),
  });
  const cases = checks.map(renderCase).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite ${suite}>\n${cases}  </testsuite>\n</testsuites>\n`;
}

function renderCase({ name, verdict, evidence, durationMs }: CheckResult): string {
  const attributes = formatAttributes({
    classname: "dp.smoke",
    name,
    time: formatSeconds(durationMs),
  });
  return `    <testcase ${attributes}>${renderVerdict(verdict, evidence)}</testcase>\n`;
}

function renderVerdict(verdict: CheckResult["verdict"], evidence: string): string {
  switch (verdict) {
    case "passed":
      return `<system-out>${escapeXml(evidence)}</system-out>`;
    case "failed":
      return `<failure message="${escapeXml(evidence)}">${escapeXml(evidence)}</failure>`;
    case "not-applicable":
      return `<skipped message="${escapeXml(evidence)}"/>`;
  }
}

function formatAttributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(value)}"`)
    .join(" ");
}

function formatSeconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replaceAll(/[&<>"'\n\r\t]/g, (character) => entities[character] ?? character);
}
