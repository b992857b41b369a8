import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rows } from "../../src/program/command-rows.ts";
import { everyNth } from "../support/long-share.ts";
import { createRandom, type Random } from "../support/random.ts";
import { runDp, type DpResult } from "../support/run-dp.ts";
import { tally } from "../support/tally.ts";

const files = 400;
const commandLines = 2000;
/** No engine answers there, so that no random command changes anything. */
const env = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };

const root = join(import.meta.dirname, "..", "..");
const sources = [
  "test/fixtures/everything/pipeline.yaml",
  "test/fixtures/services/pipeline.yaml",
  "examples/platform/pipeline.yaml",
  "examples/stream/pipeline.yaml",
];

/** Texts that parsers and number conversions are known to stumble over. */
const oddities = [
  "",
  "0",
  "-1",
  "1e999",
  "0x10",
  "9007199254740993",
  "99999999999999999999",
  "25d",
  "300000d",
  "NaN",
  "null",
  "~",
  "true",
  "[]",
  "{}",
  "__proto__",
  "constructor",
  "__proto__.x=1",
  "a=b",
  "${UNSET}",
  "${X:-",
  "\u001B]0;title\u0007",
  "\uFEFF",
  "é💥",
  "..",
  "/dev/null",
  "*a",
  "&a x",
  "!!binary x",
  "- ",
  ": ",
  "\t",
  "#",
  "'",
  '"',
  "|",
  "? ",
  "%TAG",
  "---\n",
];

function mutateText(text: string, random: Random): string {
  const lines = text.split("\n");
  const at = random.below(lines.length);
  const line = lines[at] ?? "";
  const column = random.below(line.length + 1);
  switch (random.below(7)) {
    case 0:
      lines.splice(at, 1 + random.below(3));
      break;
    case 1:
      lines.splice(at, 0, lines[random.below(lines.length)] ?? "");
      break;
    case 2:
      lines[at] = `${" ".repeat(random.below(4))}${line.trimStart()}`;
      break;
    case 3:
      lines[at] = line.slice(0, column);
      break;
    case 4:
      lines[at] = line.replace(/:\s.*$/, () => `: ${random.pick(oddities)}`);
      break;
    case 5:
      lines[at] = line.replace(/[\w.-]+(?=:)/, () => random.pick(oddities));
      break;
    default:
      lines[at] = `${line.slice(0, column)}${random.pick(oddities)}${line.slice(column)}`;
  }
  return lines.join("\n");
}

/** A result that dp may have: an exit code from its list, and no failure of its own. */
function expectSound({ code, stdout, stderr }: DpResult): void {
  const text = `${stdout}\n${stderr}`;
  expect([0, 1, 2, 3, 10], text).toContain(code);
  expect(text).not.toMatch(
    /dp itself failed|^ +at .+:\d+:\d+\)?$|\(node:\d+\)|Maximum call stack/m,
  );
}

test("validate finds the place of every mistake in randomly changed files", async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = createRandom(seed);
  const texts = await Promise.all(sources.map((path) => readFile(join(root, path), "utf8")));
  const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
  const failures = await tally(`random pipeline.yaml files, seed ${seed}`, async (attempt) => {
    for (let round = 0; round < files; round += everyNth()) {
      let text = random.pick(texts);
      for (let change = random.below(4); change >= 0; change -= 1) text = mutateText(text, random);
      await attempt(`file ${round}: ${JSON.stringify(text)}`, async () => {
        await writeFile(join(folder, "pipeline.yaml"), text);
        const result = await runDp({ args: ["validate"], cwd: folder, env });
        expectSound(result);
        const isPlaced = /pipeline\.yaml:\d+/.test(result.stdout + result.stderr);
        expect(isPlaced || result.code !== 2, result.stderr).toBe(true);
      });
    }
  });
  await rm(folder, { recursive: true });
  expect(failures).toEqual([]);
});

test("every random command line ends with an exit code of dp and without a stack trace", async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const random = createRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "fuzz-"));
  await writeFile(join(folder, "pipeline.yaml"), "name: fuzz\nkafka:\ntopics: [orders]\n");
  const commands = rows
    .flatMap((row) =>
      "commands" in row ? row.commands.map(({ name }) => [row.name, name]) : [[row.name]],
    )
    // It waits for as long as it is told to.
    .filter(([name]) => name !== "wait");
  const options = new Map<string, string[]>();
  const optionsOf = async (command: readonly string[]): Promise<readonly string[]> => {
    const key = command.join(" ");
    const known = options.get(key);
    if (known) return known;
    const { stdout } = await runDp({ args: [...command, "--help"], cwd: folder, env });
    const found = new Set(stdout.match(/(?<=^ {2,}(?:-\w, )?)--[a-z-]+/gm));
    // It prints stack traces on purpose.
    found.delete("--verbose");
    options.set(key, [...found]);
    return [...found];
  };
  const failures = await tally(`random command lines, seed ${seed}`, async (attempt) => {
    for (let round = 0; round < commandLines; round += everyNth()) {
      const command = random.pick(commands);
      const known = await optionsOf(command);
      const args = [...command];
      for (let count = random.below(5); count > 0; count -= 1) {
        const isOption = known.length > 0 && random.below(2) === 0;
        args.push(isOption ? random.pick(known) : random.pick([...oddities, "orders", "kafka-1"]));
      }
      await attempt(JSON.stringify(args), async () => {
        expectSound(await runDp({ args, cwd: folder, env, timeoutMs: 60_000 }));
      });
    }
  });
  await rm(folder, { recursive: true });
  expect(failures).toEqual([]);
});
