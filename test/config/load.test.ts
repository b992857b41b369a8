import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identifyStack } from "../../src/config/identify.ts";
import { loadStack, mayTakeLastProfile } from "../../src/config/load.ts";
import { createFifo } from "../support/fifo.ts";

/** A folder with a git root, and the files given by relative path. */
async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(os.tmpdir(), "dp-load-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, ".git"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  return root;
}

const shop = "name: shop\nkafka:\n";

test("the nearest file from the working directory upward must be found", async () => {
  const root = await project({
    "pipeline.yaml": shop,
    "a/b/x": "",
    "c/pipeline.yaml": "name: inner\nkafka:\n",
    "c/d/x": "",
  });
  const load = async (folder: string) => {
    const loaded = await loadStack({ cwd: path.join(root, folder), env: {} });
    return loaded.ok ? [loaded.stack.name, loaded.file] : loaded.problems;
  };
  expect(await load("a/b")).toEqual(["shop", path.join(root, "pipeline.yaml")]);
  expect(await load("c/d")).toEqual(["inner", path.join(root, "c/pipeline.yaml")]);
});

test("the search must end at the root of the repository", async () => {
  const root = await project({ "pipeline.yaml": shop, "inner/.git/x": "", "inner/x": "" });
  const search = loadStack({ cwd: path.join(root, "inner"), env: {} });
  await expect(search).rejects.toMatchObject({ code: "no-file" });
});

test("a named file, a named folder and DP_FILE must be used, and a flag must win", async () => {
  const root = await project({ "x/other.yaml": shop, "y/pipeline.yaml": "name: yy\nkafka:\n" });
  const nameOf = async (choice: { file?: string; env?: Record<string, string> }) =>
    (await identifyStack({ cwd: root, env: {}, ...choice })).name;
  expect(await nameOf({ file: "x/other.yaml" })).toBe("shop");
  expect(await nameOf({ file: "y" })).toBe("yy");
  expect(await nameOf({ env: { DP_FILE: "y" } })).toBe("yy");
  expect(await nameOf({ file: "x/other.yaml", env: { DP_FILE: "y" } })).toBe("shop");
  await expect(nameOf({ file: "z.yaml" })).rejects.toMatchObject({ code: "no-file" });
});

test("pipeline.yml must be pointed out when there is no pipeline.yaml", async () => {
  const root = await project({ "pipeline.yml": shop });
  await expect(loadStack({ cwd: root, env: {} })).rejects.toMatchObject({
    next: expect.stringContaining("rename pipeline.yml") as string,
  });
});

test("variables must come from the environment first, then from .env", async () => {
  const root = await project({
    "pipeline.yaml": 'name: ${NAME}\nkafka: { port: "${PORT}" }\n',
    ".env": "NAME=from-dotenv\nPORT=9192 # free here\n",
  });
  const loaded = await loadStack({ cwd: root, env: { NAME: "from-env" } });
  expect(loaded).toMatchObject({ ok: true, stack: { name: "from-env", kafka: { ports: [9192] } } });
  expect(await identifyStack({ cwd: root, env: {} })).toMatchObject({ name: "from-dotenv" });
});

test("DP_PORTS=auto must make every port a free one; another value is wrong usage", async () => {
  const root = await project({ "pipeline.yaml": "zookeeper:\nkafka:\n" });
  expect(await loadStack({ cwd: root, env: { DP_PORTS: "auto" } })).toMatchObject({
    stack: { zookeeper: { ports: ["auto"] }, kafka: { ports: ["auto"] } },
  });
  const wrong = loadStack({ cwd: root, env: { DP_PORTS: "free" } });
  await expect(wrong).rejects.toMatchObject({ code: "usage" });
});

test("reports the line of .env that is not an assignment, and no text of it", async () => {
  const root = await project({
    "pipeline.yaml": 'name: "${N}"\nkafka:\n',
    ".env": "PASS secret\n",
  });
  const at = { file: path.join(root, ".env"), line: 1, column: 1 };
  const failure = { code: "invalid-file", message: ".env:1 is not an assignment", at };
  await expect(loadStack({ cwd: root, env: {} })).rejects.toMatchObject({
    ...failure,
    why: "a name can't contain a space",
  });
  await expect(identifyStack({ cwd: root, env: {} })).rejects.toMatchObject(failure);
});

test("reports a value of .env that can't be filled in where it is used only", async () => {
  const root = await project({
    "pipeline.yaml": 'name: "${N:-shop}"\nkafka:\n',
    ".env": "A=pa$word\n",
    "x/pipeline.yaml": 'name: "${A}"\nkafka:\n',
    "x/.env": "A=pa$word\n",
  });
  expect(await loadStack({ cwd: root, env: {} })).toMatchObject({ stack: { name: "shop" } });
  await expect(loadStack({ cwd: path.join(root, "x"), env: {} })).rejects.toMatchObject({
    code: "invalid-file",
    message: ".env:1: the value of A can't be filled in",
    why: "variable word is not set",
    next: "put the value in single quotes if its dollar sign stands for itself",
  });
  const env = { A: "from-env" };
  expect(await loadStack({ cwd: path.join(root, "x"), env })).toMatchObject({
    stack: { name: "from-env" },
  });
});

test("a project must replace the name, from the flag before the environment", async () => {
  const root = await project({ "pipeline.yaml": shop });
  const env = { DP_PROJECT: "from-env" };
  expect(await loadStack({ cwd: root, env })).toMatchObject({ stack: { name: "from-env" } });
  const choice = { cwd: root, env, project: "from-flag" };
  expect(await loadStack(choice)).toMatchObject({ stack: { name: "from-flag" } });
  expect(await identifyStack(choice)).toMatchObject({ name: "from-flag" });
  const wrong = loadStack({ cwd: root, env: {}, project: "Shop" });
  await expect(wrong).rejects.toMatchObject({ code: "usage" });
});

test("a project alone must tell the stack where there is no file", async () => {
  const root = await project({});
  const choice = { cwd: root, env: {}, project: "shop" };
  expect(await identifyStack(choice)).toEqual({ name: "shop", file: undefined });
  await expect(identifyStack({ cwd: root, env: {} })).rejects.toMatchObject({ code: "no-file" });
});

test.each([
  ["name: shop\nkafka: { nonsense: 1 }\n", "shop"],
  ["kafka: [\nname: shop # here\n", "shop"],
  ["{ name: 'shop', kafka: }", "shop"],
  ['"name": "shop"\n', "shop"],
  ["name: ${STACK:-shop}\n", "shop"],
  ["kafka: { name: other }\n", "in-folder"],
  ["name: Not Valid\n", "in-folder"],
  ["", "in-folder"],
])("the name in %j must be read as %s, whatever else is wrong", async (text, name) => {
  const root = await project({ "In Folder/pipeline.yaml": text });
  const cwd = path.join(root, "In Folder");
  expect((await identifyStack({ cwd, env: {} })).name).toBe(name);
});

test("the profile must be that of the flag, else of DP_PROFILE, else of the last up, and none must be none", async () => {
  const cwd = await project({
    "pipeline.yaml":
      "kafka:\nprofiles: { a: { kafka: { brokers: 2 } }, b: { kafka: { brokers: 3 } } }\n",
  });
  const profileOf = async (choice: Partial<Parameters<typeof loadStack>[0]>) => {
    const loaded = await loadStack({ cwd, env: {}, ...choice });
    return loaded.ok && [loaded.stack.profile, loaded.stack.kafka?.brokers];
  };
  const DP_PROFILE = "b";
  expect(await profileOf({})).toEqual([undefined, 1]);
  expect(await profileOf({ env: { DP_PROFILE }, profile: "a", lastProfile: "b" })).toEqual([
    "a",
    2,
  ]);
  expect(await profileOf({ env: { DP_PROFILE }, lastProfile: "a" })).toEqual(["b", 3]);
  expect(await profileOf({ env: { DP_PROFILE: "" }, lastProfile: "a" })).toEqual(["a", 2]);
  expect(await profileOf({ env: { DP_PROFILE }, profile: "none" })).toEqual([undefined, 1]);
  expect(await profileOf({ env: { DP_PROFILE: "none" }, lastProfile: "a" })).toEqual([
    undefined,
    1,
  ]);
});

test("an unknown profile must be wrong usage that names the nearest one, all, and who asked for it", async () => {
  const cwd = await project({
    "pipeline.yaml": "kafka: { nonsense: 1 }\nprofiles: { ci: { kafka: }, dev: { zookeeper: } }\n",
  });
  const load = (choice: Partial<Parameters<typeof loadStack>[0]>) =>
    loadStack({ cwd, env: {}, ...choice });
  await expect(load({ profile: "cii" })).rejects.toMatchObject({
    code: "usage",
    message: 'there is no profile "cii"',
    why: "the file has ci, dev",
    next: "did you mean --profile ci?",
  });
  await expect(load({ env: { DP_PROFILE: "x" } })).rejects.toMatchObject({
    message: 'there is no profile "x", which DP_PROFILE names',
    next: expect.stringContaining("--profile none") as string,
  });
  await expect(load({ lastProfile: "old" })).rejects.toMatchObject({
    message: 'there is no profile "old", which the last dp up used',
  });
});

test("the profile of the last up must count only for a file with profiles, and where none is given", async () => {
  const root = await project({
    "with/pipeline.yaml": "kafka:\nprofiles: { a: { zookeeper: } }\n",
    "without/pipeline.yaml": shop,
  });
  const cwd = path.join(root, "with");
  expect(await mayTakeLastProfile({ cwd, env: {} })).toBe(true);
  expect(await mayTakeLastProfile({ cwd, env: {}, profile: "none" })).toBe(false);
  expect(await mayTakeLastProfile({ cwd, env: { DP_PROFILE: "a" } })).toBe(false);
  expect(await mayTakeLastProfile({ cwd: path.join(root, "without"), env: {} })).toBe(false);
});

test("a setting must be laid over the file, with variables from .env", async () => {
  const cwd = await project({ "pipeline.yaml": shop, ".env": "PORT=9192\n" });
  const loaded = await loadStack({ cwd, env: {}, set: ["kafka.port=${PORT}"] });
  expect(loaded).toMatchObject({ ok: true, stack: { kafka: { ports: [9192] } } });
});

test.each(["pipeline.yaml", ".env"])(
  "reports a %s that is a FIFO, and does not wait",
  async (name) => {
    const root = await project(name === ".env" ? { "pipeline.yaml": shop } : {});
    const fifo = createFifo(root, name);
    await expect(loadStack({ cwd: root, env: {} })).rejects.toMatchObject({
      code: "io-failed",
      message: `can't read ${fifo}`,
      why: `${fifo} is a FIFO, not a regular file`,
      next: `put a regular file at ${fifo}`,
    });
  },
);

test("reports files that are no regular files with their lines", async () => {
  const root = await project({
    "pipeline.yaml": [
      "kafka:",
      "topics: { a: { seed: fifo } }",
      "airflow: { dags: fifo }",
      "stores: { db: { init: fifo }, files: { type: duckdb, path: fifo } }",
      "services: { api: { build: fifo } }",
      "pipelines: { p: { steps: { s: { run: { sql: fifo, store: db } } } } }",
    ].join("\n"),
  });
  createFifo(root, "fifo");
  const loaded = await loadStack({ cwd: root, env: {} });
  const found = loaded.ok ? [] : loaded.problems.map(({ at, message }) => [at?.line, message]);
  expect(found).toEqual([2, 3, 4, 4, 5, 6].map((line) => [line, '"fifo" is a special file']));
});

test("rejects links that leave the folder of pipeline.yaml, each with its line", async () => {
  const outside = await project({ "a.sql": "select 1;\n", Dockerfile: "FROM scratch\n" });
  const paths = [
    ["kafka:", undefined],
    ["topics: { a: { seed: link/a.sql } }", "link/a.sql"],
    ["airflow: { dags: link }", "link"],
    ["stores:", undefined],
    ["  db: { init: link/a.sql }", "link/a.sql"],
    ["  files: { type: duckdb, path: gone }", "gone"],
    ["services:", undefined],
    ["  api: { build: link }", "link"],
    ['  web: { image: x, volumes: ["./link:/m"] }', "./link"],
    ["pipelines: { p: { steps: {", undefined],
    ["  a: { run: { sql: link/a.sql, store: db } },", "link/a.sql"],
    ['  b: { run: { python: "link/a.py:f" } },', "link/a.py"],
    ["  c: { from: { topic: a }, to: { store: db, table: t },", undefined],
    ['    transform: "link/a.py:f" } } } }', "link/a.py"],
  ] as const;
  const root = await project({ "pipeline.yaml": paths.map(([line]) => line).join("\n") });
  await symlink(outside, path.join(root, "link"));
  await symlink(path.join(outside, "not-yet.duckdb"), path.join(root, "gone"));
  const loaded = await loadStack({ cwd: root, env: {} });
  const problems = loaded.ok ? [] : loaded.problems;
  const errors = problems.filter(({ severity }) => severity === "error");
  expect(errors.map(({ at, message }) => [at?.line, message])).toEqual(
    paths.flatMap(([, written], index) =>
      written === undefined
        ? []
        : [[index + 1, `"${written}" leaves the folder of pipeline.yaml through a symbolic link`]],
    ),
  );
});

test("mounts the target of a link in the folder, and other paths as written", async () => {
  const volumes = '["./link/in:/a", "./data:/b", "./data/in:/c"]';
  const root = await project({
    "real/pipeline.yaml": `services: { api: { image: x, volumes: ${volumes} } }\n`,
    "real/data/in/x": "",
  });
  await symlink("data", path.join(root, "real/link"));
  await symlink("real", path.join(root, "alias"));
  for (const folder of ["real", "alias"]) {
    const loaded = await loadStack({ cwd: root, env: {}, file: folder });
    const [service] = loaded.ok ? loaded.stack.services : [];
    const sources = service?.volumes.map((volume) => volume.kind === "bind" && volume.source);
    expect(sources).toEqual(
      ["data/in", "data", "data/in"].map((at) => path.join(root, folder, at)),
    );
  }
});
