import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { templatePath } from "../../../src/assets.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dp-scripts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function runScript(name: string, ...args: string[]): { status?: number; stderr: string } {
  const script = templatePath(`images/kafka/build/${name}`);
  const options = { reject: false, stripFinalNewline: false } as const;
  const { exitCode, stderr } = execaSync("sh", [script, ...args], options);
  return { ...(exitCode === undefined ? {} : { status: exitCode }), stderr };
}

/** What the check of a lock of a.jar and b.jar says about a folder with these files. */
function verify(jars: Readonly<Record<string, string>>): { status?: number; stderr: string } {
  const folder = makeFolder();
  mkdirSync(join(folder, "libs"));
  for (const [name, content] of Object.entries(jars)) {
    writeFileSync(join(folder, "libs", name), content);
  }
  const lock = join(folder, "jars.lock");
  const line = (name: string): string =>
    `${createHash("sha256").update(name).digest("hex")}  org/group/1/${name}\n`;
  writeFileSync(lock, line("a.jar") + line("b.jar"));
  return runScript("verify-jars.sh", lock, join(folder, "libs"));
}

test("jars that match their lock must pass", () => {
  expect(verify({ "a.jar": "a.jar", "b.jar": "b.jar" })).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  ["changed", { "a.jar": "a.jar", "b.jar": "other" }, "wrong checksum: b.jar"],
  ["missing", { "a.jar": "a.jar" }, "missing: b.jar"],
  ["added", { "a.jar": "a.jar", "b.jar": "b.jar", "c.jar": "c.jar" }, "not in the lock: c.jar"],
])("a jar that is %s must be named", (_, jars, words) => {
  const { status, stderr } = verify(jars);
  expect(status).toBe(1);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain("a.jar");
});

test("every tool of the table must become a script", () => {
  const folder = makeFolder();
  const table = templatePath("images/kafka/versions/3.9.2/tools");
  expect(runScript("write-tools.sh", table, folder)).toMatchObject({ status: 0, stderr: "" });
  const names = readFileSync(table, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => `${line.split(" ", 1)[0]}.sh`);
  expect(readdirSync(folder).toSorted()).toEqual(names.toSorted());
  expect(readFileSync(join(folder, "kafka-topics.sh"), "utf8")).toContain(
    'org.apache.kafka.tools.TopicCommand "$@"',
  );
});
