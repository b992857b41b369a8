import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
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
  expect(program.length).toBeLessThanOrEqual(2);
  for (const command of later) {
    const loaded = new Set([...program, ...loadedWith(command)]);
    // Opening one more file takes longer than reading a few kB that the command does not need.
    expect(loaded.size, command).toBeLessThanOrEqual(25);
  }
});

test("imports main.js, which waits for the command, from no other file", () => {
  for (const command of later) expect(loadedWith(command)).not.toContain("main.js");
});

test.each(["", "--help", "topic --help", "--version"])(
  "dp %s loads none of the large modules of Node",
  async (line) => {
    const code = `process.on("exit", () => process._rawDebug(process.moduleLoadList.join()))`;
    const args = ["--import", `data:text/javascript,${code}`, join(dist, "../bin/dp.js")];
    const words = line.split(" ").filter((word) => word !== "");
    const { stdout, stderr } = await execa("node", [...args, ...words]);
    expect(stdout).not.toBe("");
    const loaded = stderr.split(",");
    expect(loaded).toContain("NativeModule fs");
    const heavy = ["stream", "net", "tty", "tls", "http", "child_process", "crypto", "zlib"];
    expect(heavy.filter((name) => loaded.includes(`NativeModule ${name}`))).toEqual([]);
  },
);
