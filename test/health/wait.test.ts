import { expect, test } from "vitest";
import { waitUntilReady } from "../../src/health/wait.ts";

test("a wait must end with the time that others have left of it, and tell the whole time", async () => {
  const waiting = waitUntilReady({
    target: "web",
    probe: () => Promise.resolve({ ready: false, waitingFor: "nothing listens" }),
    timeoutMs: 3_600_000,
    leftMs: 50,
    signal: new AbortController().signal,
  });
  await expect(waiting).rejects.toMatchObject({
    code: "not-ready",
    message: "web is not ready after 3600 s",
    why: "nothing listens",
  });
});
