import { expect, test } from "vitest";
import { explainOpenFiles } from "../../src/cli/process-limits.ts";

test("explains that the system opens no more files, and nothing else", () => {
  const message = "EMFILE: too many open files, open '/a'";
  const limit = Object.assign(new Error(message), { code: "EMFILE" });
  expect(explainOpenFiles(limit)).toMatchObject({
    code: "io-failed",
    message: "can't open another file",
    why: message,
    next: "ulimit -n 1024",
  });
  const other = Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  for (const thrown of [other, undefined, null, "text"]) {
    expect(explainOpenFiles(thrown)).toBe(thrown);
  }
});
