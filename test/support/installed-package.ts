import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { createProject } from "./project.ts";

const root = join(import.meta.dirname, "../..");

export interface InstalledPackage extends AsyncDisposable {
  /** The folder of the installed dp. */
  readonly folder: string;
  /** The prefix that it was installed to, with all that it depends on and nothing else. */
  readonly prefix: string;
  /** What npm printed. */
  readonly output: string;
}

/** Packs the built dp and installs the tarball into an empty prefix, as `npm install --global` does for a user. */
export async function installPackage(): Promise<InstalledPackage> {
  const temporary = await realpath(await mkdtemp(join(tmpdir(), "dp-installed-")));
  const prefix = join(temporary, "prefix");
  const { stdout: tarball } = await execa("node", ["scripts/pack.js", temporary], { cwd: root });
  const { all: output } = await execa(
    "npm",
    ["install", "--global", "--prefix", prefix, "--prefer-offline", "--no-audit", tarball],
    // npm passes its own level on to the scripts that it runs, e.g. "silent" of npm test --silent.
    { all: true, cwd: temporary, env: { npm_config_loglevel: "notice" } },
  );
  return {
    folder: join(prefix, "lib/node_modules/dp-cli"),
    prefix,
    output,
    [Symbol.asyncDispose]: () => rm(temporary, { recursive: true }),
  };
}

export interface InstalledNode extends AsyncDisposable {
  readonly path: string;
}

/** Installs the newest Node of a major version from npm, where each platform's Node is a package. */
export async function installNode(major: number): Promise<InstalledNode> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "dp-node-")));
  const name = `node-${process.platform}-${process.arch}`;
  await execa("npm", ["install", "--prefix", folder, "--no-audit", `${name}@${major}`]);
  return {
    path: join(folder, "node_modules", name, "bin/node"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** Checks a file, launches a cluster, writes a record with each codec, reads all, and removes the cluster. */
export async function moveRecords(
  { folder }: InstalledPackage,
  node: string,
): Promise<{ readonly written: readonly string[]; readonly read: readonly string[] }> {
  const { bin } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  const command = [node, join(folder, bin.dp)] as const;
  await using shop = await createProject("kafka: { brokers: 1 }\ntopics: { orders: {} }\n");
  await shop.succeed(["validate"], { command });
  await shop.succeed(["up"], { command });
  const written: string[] = [];
  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    // Long enough for the batch to get shorter: otherwise brokers could keep it as it is.
    const line = `${codec} `.repeat(50).trim();
    const input = `${line}\n`;
    await shop.succeed(["topic", "produce", "orders", "-z", codec], { command, input });
    written.push(line);
  }
  const tail = ["topic", "tail", "orders", "-o", "start", "-e", "--format", "%v\\n"];
  const { stdout } = await shop.succeed(tail, { command });
  await shop.succeed(["down", "--volumes"], { command });
  return { written, read: stdout.trimEnd().split("\n") };
}

interface Manifest {
  readonly bin: { readonly dp: string };
}
