import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { execa } from "execa";
import { createArchive } from "../../src/docker/exec/archive.ts";
import { engineClient } from "./docker.ts";
import { unusedPort } from "./unused-port.ts";
import { until } from "./until.ts";

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`: engines speak plain HTTP to loopback addresses. */
  readonly host: string;
  /** Gives it an image of four megabytes, whose content is of this call alone. */
  push(repository: string, tags: readonly string[]): Promise<void>;
}

/** For a registry that wants a login; the second is made of it by `htpasswd -nB`. */
export const registryLogin = { user: "ann", password: "secret:with:colons" };
const htpasswd = "ann:$2b$04$rScB4zXSWX1/OpKShS8YauHBudfbLQ2/D9XXnZRu/bF4lGNzDL412";

/** Starts Debian's docker-registry on a free port of the loopback. */
export async function startRegistry(access: "open" | "login" = "open"): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), "dp-registry-"));
  const host = `127.0.0.1:${await unusedPort()}`;
  const passwords = join(folder, "htpasswd");
  await writeFile(passwords, `${htpasswd}\n`);
  const settings = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: { addr: host },
    ...(access === "login" ? { auth: { htpasswd: { realm: "test", path: passwords } } } : {}),
  };
  // YAML has all of JSON.
  await writeFile(join(folder, "config.yml"), JSON.stringify(settings));
  const command = ["serve", join(folder, "config.yml")];
  const program = execa("docker-registry", command, { stdio: "ignore", reject: false });
  await until(async () => {
    if (program.exitCode !== null) throw new Error("docker-registry ended at once");
    return fetch(`http://${host}/v2/`).then(
      () => true,
      () => false,
    );
  });
  return {
    host,
    push: (repository, tags) => pushImage(`${host}/${repository}`, tags),
    [Symbol.asyncDispose]: async () => {
      program.kill();
      await program;
      await rm(folder, { recursive: true });
    },
  };
}

/** The engine forgets the image again: a layer that it has is not pulled. */
async function pushImage(name: string, tags: readonly string[]): Promise<void> {
  const docker = await engineClient();
  // Enough that an engine tells how far it is.
  const content = randomBytes(4_000_000);
  const tar = await createArchive({ entries: [{ path: "hello", content }] });
  const { user: username, password } = registryLogin;
  for (const tag of tags) {
    const source = { fromSrc: "-", repo: name, tag };
    await finish(await docker.importImage(Readable.from([tar]), source));
    const image = docker.getImage(`${name}:${tag}`);
    await finish(await image.push({ authconfig: { username, password, serveraddress: name } }));
    await image.remove({ force: true });
  }
}

async function finish(stream: NodeJS.ReadableStream): Promise<void> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  if (text.includes('"error"')) throw new Error(text);
}
