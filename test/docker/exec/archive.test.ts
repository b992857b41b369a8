import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createArchive } from "../../../src/docker/exec/archive.ts";

/** Unpacks by the system's tar, an implementation that is not ours. */
function unpack(archive: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "dp-archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "archive.tar"), archive);
  execFileSync("tar", ["xf", "archive.tar"], { cwd: folder });
  return folder;
}

function list(archive: Buffer): string {
  return execFileSync("tar", ["tvf", "-", "--numeric-owner", "--utc"], {
    input: archive,
  }).toString();
}

test("what is packed must come out the same", () => {
  const binary = Buffer.from([0, 255, 10, 13, 0]);
  const folder = unpack(
    createArchive({
      entries: [
        { path: "/etc/dp/server.properties", content: "broker.id=1\n" },
        { path: "bin/start.sh", content: "#!/bin/sh\n", mode: 0o755 },
        { path: "empty", content: "" },
        { path: "block", content: "x".repeat(512) },
        { path: "binary", content: binary },
        { path: "grüße.txt", content: "grüße" },
      ],
    }),
  );
  expect(readFileSync(join(folder, "etc/dp/server.properties"), "utf8")).toBe("broker.id=1\n");
  expect(statSync(join(folder, "bin/start.sh")).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, "empty")).size).toBe(0);
  expect(readFileSync(join(folder, "block"), "utf8")).toBe("x".repeat(512));
  expect(readFileSync(join(folder, "binary"))).toEqual(binary);
  expect(readFileSync(join(folder, "grüße.txt"), "utf8")).toBe("grüße");
});

test("the same entries must give the same bytes, with time 0", () => {
  const entries = [{ path: "a", content: "1" }];
  expect(createArchive({ entries }).equals(createArchive({ entries }))).toBe(true);
  expect(list(createArchive({ entries }))).toMatch(/^-rw-r--r-- 0\/0 +1 1970-01-01 00:00 a\n$/);
});

test("the owner must be the one asked for", () => {
  const archive = createArchive({ entries: [{ path: "a", content: "1" }], uid: 1000, gid: 1001 });
  expect(list(archive)).toContain("1000/1001");
});

test("a path of more than 100 bytes must survive", () => {
  const path = `${"folder/".repeat(20)}${"n".repeat(90)}`;
  const folder = unpack(createArchive({ entries: [{ path, content: "deep" }] }));
  expect(readFileSync(join(folder, path), "utf8")).toBe("deep");
});

test("a path that does not fit must be refused", () => {
  const entries = [{ path: "n".repeat(101), content: "" }];
  expect(() => createArchive({ entries })).toThrow(RangeError);
});

test("a link must come out as one, and a target that does not fit must be an error", () => {
  const folder = unpack(createArchive({ entries: [{ path: "run", content: "", link: "bin/x" }] }));
  expect(readlinkSync(join(folder, "run"))).toBe("bin/x");
  const long = { path: "run", content: "", link: "x".repeat(101) };
  expect(() => createArchive({ entries: [long] })).toThrow(RangeError);
});
