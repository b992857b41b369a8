/**
 * Writes test/fixtures/avoided-words.json, where the counts of avoided terms have fallen, and prints the terms of
 * the folders that are given as arguments, e.g. `npm run words -- src/docker`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { countByFolder, countsFile, findAvoidedTerms } from "../test/support/word-counts.ts";

const findings = findAvoidedTerms();
const counts = countByFolder(findings);
const allowed = JSON.parse(readFileSync(countsFile, "utf8")) as Readonly<Record<string, number>>;
const lower = Object.entries(allowed)
  .map(([folder, count]) => [folder, Math.min(count, counts[folder] ?? 0)] as const)
  .filter(([, count]) => count > 0);
writeFileSync(countsFile, `${JSON.stringify(Object.fromEntries(lower), null, 2)}\n`);

const shown = process.argv.slice(2);
for (const { at, folder, term, instead } of findings) {
  if (shown.includes(folder)) console.log(`${at}: "${term}" -> ${instead}`);
}
