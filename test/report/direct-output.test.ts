import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isDirect, writeDirectly } from "../../src/report/direct-output.ts";
import { createFifo, createFolder } from "../support/fifo.ts";

function open(path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** Both ends of a pipe that does not block. */
async function openPipe() {
  const path = createFifo(await createFolder(), "pipe");
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return { readEnd, writeEnd };
}

test("a text is written to a file as a whole", async () => {
  const path = join(await createFolder(), "help.txt");
  const fd = open(path, "w");
  expect(isDirect(fd)).toBe(true);
  expect(writeDirectly(fd, "grüße\n")).toHaveLength(0);
  expect(readFileSync(path, "utf8")).toBe("grüße\n");
});

test("what a full pipe does not take is left", async () => {
  const { readEnd, writeEnd } = await openPipe();
  onTestFinished(() => closeSync(readEnd));
  expect(isDirect(writeEnd)).toBe(true);
  const text = "0123456789".repeat(20_000);
  const rest = Buffer.from(writeDirectly(writeEnd, text)).toString();
  const taken = Buffer.alloc(text.length);
  const length = readSync(readEnd, taken);
  expect(length).toBeGreaterThan(1000);
  expect(rest).toBe(text.slice(length));
});

test("nothing is left when the reader has gone", async () => {
  const { readEnd, writeEnd } = await openPipe();
  closeSync(readEnd);
  expect(writeDirectly(writeEnd, "help")).toHaveLength(0);
});

test("other failures are thrown, and a device needs a stream", () => {
  const fd = open("/dev/full", "w");
  expect(isDirect(fd)).toBe(false);
  expect(isDirect(-1)).toBe(false);
  expect(() => writeDirectly(fd, "help")).toThrow("ENOSPC");
});
