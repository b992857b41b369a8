import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createOutput } from "../../src/report/stdout.ts";

/** A stream whose writes end when told, or at once. */
function createStream({ held = false }: { held?: boolean } = {}) {
  const pieces: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1024,
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece.toString());
      if (held) waiting.push(done);
      else done();
    },
  });
  const release = (): void => waiting.shift()?.();
  return { stream, pieces, release };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("small writes must reach the stream together and in order", async () => {
  const { stream, pieces } = createStream();
  const output = createOutput(stream);
  for (const piece of ["a", Buffer.from("b"), "c"]) expect(output.write(piece)).toBeUndefined();
  expect(pieces).toEqual([]);
  await output.flush();
  expect(pieces.join("")).toBe("abc");
  expect(pieces[0]).toBe("abc");
});

test("small writes must leave without a flush", async () => {
  const { stream, pieces } = createStream();
  void createOutput(stream).write("record\n");
  await turn();
  expect(pieces).toEqual(["record\n"]);
});

test("a full stream must make the writer wait until there is room", async () => {
  const { stream, release } = createStream({ held: true });
  const output = createOutput(stream);
  const room = output.write("x".repeat(64 * 1024));
  expect(room).toBeInstanceOf(Promise);
  let there = false;
  const waited = room?.then(() => {
    there = true;
  });
  await turn();
  expect(there).toBe(false);
  release();
  await waited;
  expect(there).toBe(true);
});

test("memory must not count as free before what lies in it has left", async () => {
  const { stream, release } = createStream({ held: true });
  const output = createOutput(stream);
  expect(output.isEmpty()).toBe(true);
  void output.write("small");
  expect(output.isEmpty()).toBe(false);
  await turn();
  expect(output.isEmpty()).toBe(false);
  release();
  await turn();
  expect(output.isEmpty()).toBe(true);
});

test("a reader that has gone must abort, free the writer and drop what follows", async () => {
  const { stream, pieces } = createStream({ held: true });
  const output = createOutput(stream);
  const room = output.write("x".repeat(64 * 1024));
  stream.destroy(Object.assign(new Error("broken pipe"), { code: "EPIPE" }));
  await room;
  expect(output.closed.aborted).toBe(true);
  expect(output.write("more")).toBeUndefined();
  await output.flush();
  expect(pieces).toHaveLength(1);
});

test.each(["EPIPE", "ECONNRESET"])("a reader that has gone (%s) is not a failure", async (code) => {
  const { stream } = createStream();
  const output = createOutput(stream);
  stream.destroy(Object.assign(new Error("broken pipe"), { code }));
  await turn();
  expect(output.closed.aborted).toBe(true);
  expect(output.failure()).toBeUndefined();
});

test.each(["ENOSPC", "EIO", "EDQUOT"])("a write that fails with %s is a failure", async (code) => {
  const error = Object.assign(new Error(`${code}: write`), { code });
  const stream = new Writable({ write: (_piece, _encoding, done) => done(error) });
  const output = createOutput(stream);
  void output.write("record\n");
  await output.flush();
  expect(output.failure()).toBe(error);
  expect(output.closed.aborted).toBe(true);
});

test("a file is written without the stream, and reports why a write failed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dp-output-"));
  const path = join(folder, "out");
  const fd = openSync(path, "w");
  const { stream, pieces } = createStream();
  const output = createOutput(Object.assign(stream, { fd }));
  void output.write("record\n");
  await output.flush();
  expect(readFileSync(path, "utf8")).toBe("record\n");
  expect(pieces.join("")).toBe("");
  closeSync(fd);
  void output.write("more");
  await output.flush();
  expect(output.failure()).toMatchObject({ code: "EBADF" });
  rmSync(folder, { recursive: true });
});
