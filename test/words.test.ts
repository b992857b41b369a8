import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { countByFolder, countsFile, findAvoidedTerms } from "./support/word-counts.ts";

const findings = findAvoidedTerms();
const counts = countByFolder(findings);
const allowed = JSON.parse(readFileSync(countsFile, "utf8")) as Readonly<Record<string, number>>;

test("no folder gets more avoided terms", () => {
  const worse = Object.keys(counts).filter(
    (folder) => (counts[folder] ?? 0) > (allowed[folder] ?? 0),
  );
  expect(findings.filter(({ folder }) => worse.includes(folder))).toEqual([]);
});

test("a count that fell is written down: npm run words", () => {
  const better = Object.keys(allowed).filter(
    (folder) => (counts[folder] ?? 0) < (allowed[folder] ?? 0),
  );
  expect(better).toEqual([]);
});

test("docs and examples have no avoided term", () => {
  expect(counts).not.toHaveProperty("docs");
  expect(counts).not.toHaveProperty("examples");
});
