import { expect, test } from "vitest";
import { createByteQueue } from "../../../src/kafka/read/byte-queue.ts";

test("who puts must wait while there is no room, and go on when something was taken", async () => {
  const queue = createByteQueue<string>(100);
  const steps: string[] = [];
  const putting = (async () => {
    for (const item of ["a", "b", "c"]) {
      await queue.put(item, 60);
      steps.push(`put ${item}`);
    }
    queue.end();
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual(["put a"]);
  for (let item = await queue.take(); item !== undefined; item = await queue.take()) {
    steps.push(`took ${item}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await putting;
  expect(steps).toEqual(["put a", "took a", "put b", "took b", "put c", "took c"]);
});

test("what is larger than all room must go through by itself", async () => {
  const queue = createByteQueue<string>(100);
  const putting = queue.put("large", 1000);
  expect(await queue.take()).toBe("large");
  await putting;
});

test("an end with an error must reach who takes, after what was put before it", async () => {
  const queue = createByteQueue<string>(100);
  await queue.put("before", 1);
  queue.end(new Error("broken"));
  await queue.put("after", 1);
  expect(await queue.take()).toBe("before");
  await expect(queue.take()).rejects.toThrow("broken");
});

test("an end must wake who waits for room, and who waits for items", async () => {
  const full = createByteQueue<string>(1);
  const putting = full.put("a", 1);
  full.end();
  await putting;
  const empty = createByteQueue<string>(1);
  const taking = empty.take();
  empty.end();
  expect(await taking).toBeUndefined();
});
