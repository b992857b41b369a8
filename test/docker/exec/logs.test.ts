import { expect, test } from "vitest";
import { splitLines, type LogLine } from "../../../src/docker/exec/logs.ts";

const time = "2026-11-22T10:00:00.000000001Z";

/** One frame of the engine: 1 is stdout, 2 stderr. */
function frame(stream: 1 | 2, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

async function linesOf(chunks: readonly Buffer[]): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of splitLines(chunks)) lines.push(line);
  return lines;
}

test("each line must have its time, stream and text, without a line end", async () => {
  const chunks = [frame(1, `${time} out\r\n`), frame(2, `${time} err with  spaces\n`)];
  expect(await linesOf(chunks)).toEqual([
    { time, stream: "stdout", text: "out" },
    { time, stream: "stderr", text: "err with  spaces" },
  ]);
});

test("frames and letters that are cut anywhere must read the same", async () => {
  const whole = Buffer.concat([
    frame(1, `${time} grün\n${time} `),
    frame(2, `${time} between\n`),
    frame(1, "zwölf\n"),
  ]);
  const expected = await linesOf([whole]);
  expect(expected.map(({ text }) => text)).toEqual(["grün", "between", "zwölf"]);
  for (const size of [1, 2, 3, 7, 50]) {
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    expect(await linesOf(pieces)).toEqual(expected);
  }
});

test("a letter that two frames share must stay whole", async () => {
  const text = Buffer.from(`${time} ü\n`);
  const cut = text.indexOf(0xc3) + 1;
  const chunks = [frame(1, text.subarray(0, cut)), frame(1, text.subarray(cut))];
  expect((await linesOf(chunks)).map((line) => line.text)).toEqual(["ü"]);
});

test("a last line without a line end must not be lost", async () => {
  expect((await linesOf([frame(1, `${time} last`)])).map(({ text }) => text)).toEqual(["last"]);
});

test("an empty line must stay one", async () => {
  expect((await linesOf([frame(1, `${time} \n`)])).map(({ text }) => text)).toEqual([""]);
});
