import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openInput, type Input } from "../../../../src/commands/topic/produce/input.ts";
import { produceFailure } from "../../../../src/commands/topic/produce/summary.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "input-"));
  await mkdir(join(folder, "folder"));
});

afterAll(() => rm(folder, { recursive: true }));

async function open(
  contents: readonly (string | undefined)[],
  { json = false, stdin = "" } = {},
): Promise<Input> {
  const files = await Promise.all(
    contents.map(async (content, index) => {
      if (content === undefined) return join(folder, "missing");
      if (content === "-") return "-";
      const file = join(folder, `${index}`);
      await writeFile(file, content);
      return file;
    }),
  );
  const options = { compress: "none", acks: "all" } as const;
  return openInput({ files, stdin: Readable.from([Buffer.from(stdin)]), json, options });
}

async function valuesOf(input: Input): Promise<string[]> {
  const values: string[] = [];
  for await (const group of input.records()) {
    for (const { bytes, valueAt, valueLength } of group) {
      values.push(bytes.toString("utf8", valueAt, valueAt + valueLength));
    }
  }
  return values;
}

test("files with a byte order mark and CRLF have the values of those without", async () => {
  const input = await open(["\uFEFFa\r\nb\r\n", "-", "\uFEFFd"], { stdin: "\uFEFFc\r\n" });
  expect(await valuesOf(input)).toEqual(["a", "b", "c", "d"]);
});

test("blank lines between records are skipped, whatever ends them", async () => {
  const input = await open(['\uFEFF{"value":"a"}\r\n\r\n \t\n{"value":"b"}\r\n'], { json: true });
  expect(await valuesOf(input)).toEqual(["a", "b"]);
  expect(input.bad.count()).toBe(0);
});

test.each(["missing", "folder"])(
  "a %s among the files is found before any record",
  async (name) => {
    await writeFile(join(folder, "first"), "one\n");
    const files = [join(folder, "first"), join(folder, name)];
    const options = { compress: "none", acks: "all" } as const;
    const input = openInput({ files, stdin: Readable.from([]), json: false, options });
    await expect(input.records().next()).rejects.toMatchObject({
      code: "io-failed",
      message: `can't read ${files[1]}`,
    });
    expect(input.linesRead()).toBe(0);
  },
);

test("bad lines at the border of two files are named by their own files", async () => {
  const input = await open(['{"value":1}\nx\nx\n', "x\nx\n", "x\n", '{"value":2}\nx\n'], {
    json: true,
  });
  await valuesOf(input);
  const produced = {
    records: 2,
    bytes: 2,
    resent: 0,
    failed: 0,
    expired: 0,
    failure: undefined,
    failures: [],
    ended: "the topic is gone",
    durationMs: 1,
    firstOffsets: new Map<number, number>(),
  };
  const [a, b, c, d] = ["0", "1", "2", "3"].map((name) => join(folder, name));
  const { evidence = [] } = produceFailure({ topic: "t", produced, input }) ?? {};
  expect(evidence[0]).toContain(`lines ${a}:2-3, ${b}:1-2, ${c}:1, ${d}:2: `);
  expect(evidence[1]).toBe(`what came after line ${d}:2 was not read`);
});
