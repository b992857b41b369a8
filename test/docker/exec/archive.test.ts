import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { createArchive } from "../../../src/docker/exec/archive.ts";

/** Unpacks by the system's tar, an implementation that is not ours. */
function unpack(archive: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), "dp-archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "archive.tar"), archive);
  execaSync("tar", ["xf", "archive.tar"], { cwd: folder });
  return folder;
}

function list(archive: Buffer): string {
  return execaSync("tar", ["tvf", "-", "--numeric-owner", "--utc"], {
    input: archive,
  }).stdout;
}

test("what is packed must come out the same", async () => {
  const binary = Buffer.from([0, 255, 10, 13, 0]);
  const folder = unpack(
    await createArchive({
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

test("the same entries give the same bytes", async () => {
  const entries = [
    { path: "a", content: "1" },
    { path: `${"folder/".repeat(40)}b`, content: "2", mode: 0o755 },
    { path: "grüße", content: "", link: "a" },
  ];
  const options = { entries, folders: ["folder"], uid: 1000, gid: 1001 };
  const archive = await createArchive(options);
  expect(archive.equals(await createArchive(options))).toBe(true);
});

test("an archive lists its entries in order, with mode, owner, size and time 0", async () => {
  const archive = await createArchive({
    folders: ["/opt/code/"],
    entries: [
      { path: "/opt/code/run.sh", content: "#!/bin/sh\n", mode: 0o755 },
      { path: "b", content: "12" },
      { path: "a", content: "" },
      { path: "link", content: "b", link: "b" },
    ],
    uid: 50_000,
  });
  const lines = list(archive).trimEnd().split("\n");
  expect(lines.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "drwxrwxr-x 50000/0 0 1970-01-01 00:00 opt/code/",
    "-rwxr-xr-x 50000/0 10 1970-01-01 00:00 opt/code/run.sh",
    "-rw-r--r-- 50000/0 2 1970-01-01 00:00 b",
    "-rw-r--r-- 50000/0 0 1970-01-01 00:00 a",
    "lrw-r--r-- 50000/0 0 1970-01-01 00:00 link -> b",
  ]);
});

test("the owner must be the one asked for", async () => {
  const archive = await createArchive({
    entries: [{ path: "a", content: "1" }],
    uid: 1000,
    gid: 1001,
  });
  expect(list(archive)).toContain("1000/1001");
});

test.each([
  { name: "a path of more than 100 bytes", path: `${"folder/".repeat(20)}${"n".repeat(90)}` },
  { name: "a name of more than 100 bytes", path: "n".repeat(200) },
  { name: "a path of more than 255 bytes", path: `${"folder/".repeat(60)}${"n".repeat(120)}` },
  { name: "a path beyond ASCII", path: `${"zażółć/".repeat(30)}注文.txt` },
])("$name is kept", async ({ path }) => {
  const folder = unpack(await createArchive({ entries: [{ path, content: "deep" }] }));
  expect(readFileSync(join(folder, path), "utf8")).toBe("deep");
});

test("a link is kept, and so is a long target", async () => {
  const target = "x/".repeat(100);
  const folder = unpack(
    await createArchive({
      entries: [
        { path: "run", content: "", link: "bin/x" },
        { path: "long", content: "", link: target },
      ],
    }),
  );
  expect(readlinkSync(join(folder, "run"))).toBe("bin/x");
  expect(readlinkSync(join(folder, "long"))).toBe(target);
});

test("an archive larger than the buffers of its stream is whole", async () => {
  const content = Buffer.alloc(3_000_001, "x");
  const folder = unpack(await createArchive({ entries: [{ path: "large", content }] }));
  expect(readFileSync(join(folder, "large")).equals(content)).toBe(true);
});
