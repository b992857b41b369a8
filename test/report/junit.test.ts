import { expect, test } from "vitest";
import { renderJunit } from "../../src/report/junit.ts";

const xml = renderJunit({
  project: "shop",
  ok: false,
  checks: [
    { name: "brokers", verdict: "passed", durationMs: 120, evidence: "3 of 3" },
    {
      name: "order",
      verdict: "failed",
      durationMs: 1500,
      evidence: "lost \"a\" <b> & 'c'\u0000\n",
    },
    { name: "quorum", verdict: "not-applicable", durationMs: 0, evidence: "with ZooKeeper" },
  ],
});

test("the suite must count tests, failures and what was skipped", () => {
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="dp smoke shop" tests="3" failures="1" errors="0" skipped="1" time="1.500">
    <testcase classname="dp.smoke" name="brokers" time="0.120"><system-out>3 of 3</system-out></testcase>
    <testcase classname="dp.smoke" name="order" time="1.500"><failure message="lost &quot;a&quot; &lt;b&gt; &amp; &apos;c&apos;\uFFFD&#10;">lost &quot;a&quot; &lt;b&gt; &amp; &apos;c&apos;\uFFFD&#10;</failure></testcase>
    <testcase classname="dp.smoke" name="quorum" time="0.000"><skipped message="with ZooKeeper"/></testcase>
  </testsuite>
</testsuites>
`);
});

test("lone surrogates and control characters must not reach the file", () => {
  const check = {
    name: "a",
    verdict: "failed",
    durationMs: 0,
    evidence: "\uD800x\u001B[0m😀",
  } as const;
  const text = renderJunit({ project: "p", ok: false, checks: [check] });
  expect(text).toContain('message="\uFFFDx\uFFFD[0m😀"');
});
