import { execaSync } from "execa";
import { expect, test } from "vitest";
import { formatLabels, parseLabels } from "../../../src/docker/stack/labels.ts";
import {
  formatReadyFile,
  parseReadyFile,
  runsReadyFile,
  toLabel,
} from "../../../src/docker/exec/ready-file.ts";

const words = ["printf", "%s,", "it's $HOME", "two\nlines", "", '`id` \\ "q"'];

test("the file of a command runs it with the same arguments, and is read back", () => {
  const script = formatReadyFile(words);
  expect(execaSync("/bin/sh", ["-s"], { input: script }).stdout).toBe(
    words
      .slice(2)
      .map((word) => `${word},`)
      .join(""),
  );
  expect(parseReadyFile(script)).toEqual(words);
});

test("the label of a command names its file, in the form that earlier versions read", () => {
  const ready = { kind: "exec", command: ["test", "s3cret"], timeoutMs: 500 } as const;
  const label = toLabel(ready);
  expect(JSON.stringify(label)).not.toContain("s3cret");
  expect(label).toEqual({ kind: "exec", command: ["/bin/sh", "/etc/dp/ready"], timeoutMs: 500 });
  expect(label.kind === "exec" && runsReadyFile(label.command)).toBe(true);
  expect(runsReadyFile(ready.command)).toBe(false);
  expect(toLabel({ kind: "tcp", port: 80 })).toEqual({ kind: "tcp", port: 80 });
});

test("the label of an earlier version, with the command itself, is still read", () => {
  const stack = { project: "shop", file: "/shop/pipeline.yaml", host: "laptop", version: "0.1.0" };
  const object = {
    service: "api",
    kind: "service",
    fingerprint: "0123456789ab",
    parts: {},
  } as const;
  const labels = {
    ...formatLabels(stack, object),
    "dp.ready": '{"kind":"exec","command":["test","-e","/tmp/up"]}',
  };
  expect(parseLabels(labels)?.ready).toEqual({ kind: "exec", command: ["test", "-e", "/tmp/up"] });
});
