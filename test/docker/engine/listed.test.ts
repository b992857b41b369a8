import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listContexts } from "../../../src/docker/engine/contexts.ts";
import { listLocks, takeLock } from "../../../src/app/stack/lock.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dp-listed-"));
});

afterAll(() => rm(folder, { recursive: true }));

test("the contexts of Docker's client must be listed by name, with the current one", async () => {
  const config = join(folder, "docker");
  for (const [name, url] of [
    ["near", "unix:///near.sock"],
    ["far", "ssh://ann@far"],
  ]) {
    const hash = createHash("sha256").update(String(name)).digest("hex");
    const meta = join(config, "contexts", "meta", hash);
    await mkdir(meta, { recursive: true });
    const content = { Name: name, Endpoints: { docker: { Host: url } } };
    await writeFile(join(meta, "meta.json"), JSON.stringify(content));
  }
  await writeFile(join(config, "config.json"), JSON.stringify({ currentContext: "far" }));
  expect(await listContexts({ env: { DOCKER_CONFIG: config }, home: "/none" })).toEqual({
    list: [
      { name: "far", url: "ssh://ann@far" },
      { name: "near", url: "unix:///near.sock" },
    ],
    current: "far",
  });
  expect(await listContexts({ env: {}, home: join(folder, "none") })).toEqual({
    list: [],
    current: undefined,
  });
});

test("locks must be listed with whether their holder is alive", async () => {
  const uid = process.getuid?.() ?? 0;
  const input = { tmpdir: folder, uid, engineId: "E", command: "dp up" };
  const release = await takeLock({ ...input, project: "alive", pid: process.pid });
  const left = { pid: process.pid, startTime: "1", command: "dp down" };
  await writeFile(join(folder, `dp-${uid}`, "E-dead.lock"), JSON.stringify(left));
  const found = await listLocks(input);
  await release();
  expect(Object.fromEntries(found.map(({ command, alive }) => [command, alive]))).toEqual({
    "dp up": true,
    "dp down": false,
  });
});
