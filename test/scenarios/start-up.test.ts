import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const dist = join(import.meta.dirname, "../../dist");

function filesIn(file: string, form: RegExp): string[] {
  const text = readFileSync(join(dist, file), "utf8");
  return [...text.matchAll(form)].map(([, name = ""]) => name);
}

/** The file and all that it imports statically. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  for (const name of filesIn(file, /(?:from|import)"\.\/([^"]+)"/g)) loadedWith(name, loaded);
  return loaded;
}

const program = [...loadedWith("main.js")];
const later = program.flatMap((file) => filesIn(file, /import\("\.\/([^"]+)"\)/g));

test("loads few files before a command begins", () => {
  expect(later.length).toBeGreaterThan(30);
  expect(program.length).toBeLessThanOrEqual(5);
  for (const command of later) {
    const loaded = new Set([...program, ...loadedWith(command)]);
    // Opening one more file takes longer than reading a few kB that the command does not need.
    expect(loaded.size, command).toBeLessThanOrEqual(25);
  }
});

test("imports main.js, which waits for the command, from no other file", () => {
  for (const command of later) expect(loadedWith(command)).not.toContain("main.js");
});
