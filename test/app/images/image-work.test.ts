import { expect, test } from "vitest";
import { runImageWork } from "../../../src/app/images/image-work.ts";

const never = new AbortController().signal;

/** Work that tells when it is under way, and ends when it is let go. */
function createWorks(count: number) {
  const running = new Set<number>();
  const letGo: (() => void)[] = [];
  const works = Array.from({ length: count }, (_, index) => (signal: AbortSignal) => {
    running.add(index);
    return new Promise<number>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      letGo[index] = () => {
        running.delete(index);
        resolve(index);
      };
    });
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { works, running, letGo, settle };
}

test("the first must be alone, and then two at a time, with results in order", async () => {
  const { works, running, letGo, settle } = createWorks(4);
  const results = runImageWork(works, never);
  await settle();
  expect([...running]).toEqual([0]);
  letGo[0]?.();
  await settle();
  expect([...running]).toEqual([1, 2]);
  letGo[2]?.();
  await settle();
  expect([...running]).toEqual([1, 3]);
  letGo[3]?.();
  letGo[1]?.();
  expect(await results).toEqual([0, 1, 2, 3]);
});

test("a failure must end what is under way, start nothing more, and be what is thrown", async () => {
  const { works, letGo, settle } = createWorks(3);
  let started = false;
  const failing = async (): Promise<number> => {
    throw new Error("no space left");
  };
  const later = async (): Promise<number> => {
    started = true;
    return 9;
  };
  const results = runImageWork([works[0]!, works[1]!, failing, later], never);
  const outcome = results.catch((thrown: unknown) => thrown);
  await settle();
  letGo[0]?.();
  expect(await outcome).toEqual(new Error("no space left"));
  expect(started).toBe(false);
});

test("Ctrl-C must end it with its reason, and nothing to do must be nothing", async () => {
  const { works, letGo, settle } = createWorks(2);
  const interrupted = new AbortController();
  const results = runImageWork(works, interrupted.signal);
  const outcome = results.catch((thrown: unknown) => thrown);
  await settle();
  letGo[0]?.();
  await settle();
  interrupted.abort(new Error("interrupted"));
  expect(await outcome).toEqual(new Error("interrupted"));
  expect(await runImageWork([], never)).toEqual([]);
});
