import { createHash } from "node:crypto";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DpError } from "../../errors.ts";
import { readRegularFile } from "../../files/regular-file.ts";
import { nearest } from "../../stack/nearest.ts";

/** Where an engine may answer, and what named it. */
export interface Candidate {
  /** `DOCKER_HOST`, `context colima`, `default socket`… */
  readonly origin: string;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.2:2376`, `ssh://ann@server`… */
  readonly url: string;
  /** Undefined where the engine is spoken to without TLS. */
  readonly tls?: TlsSettings;
}

export interface TlsSettings {
  /** Has those of ca.pem, cert.pem and key.pem that are to be used. */
  readonly folder: string;
  /** `none` takes any certificate of the engine: a context's skip-tls-verify, or DOCKER_TLS alone. */
  readonly verify: "engine" | "none";
}

export interface Candidates {
  /** When true one setting decides, and no other address may be tried. */
  readonly decided: boolean;
  readonly list: readonly Candidate[];
  /** How to have another engine than the decided one. */
  readonly otherwise?: string;
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly uid: number;
  /** The context that the command line names. */
  readonly context?: string | undefined;
}

/**
 * The addresses of the engine, as Docker's own client finds them: `--context`, else DOCKER_HOST, else
 * DOCKER_CONTEXT, else the current context of its config; the first that is set decides alone. When
 * none is set, the usual sockets, rootless, Colima and Podman among them. The context `default` is
 * DOCKER_HOST where that is set, else Docker's own socket.
 * https://docs.docker.com/engine/manage-resources/contexts/
 * Throws DpError `no-engine` for a context that does not exist or names no address.
 */
export async function findCandidates(surroundings: Surroundings): Promise<Candidates> {
  const { env, home, uid, context } = surroundings;
  const folder = env["DOCKER_CONFIG"] || join(home, ".docker");
  const flag = context === "default" ? undefined : context;
  if (flag !== undefined) {
    return decide(await readContext(folder, flag), "name another one with --context");
  }
  const host = env["DOCKER_HOST"];
  if (host) return decide(readHost(host, env, folder), "unset DOCKER_HOST");
  const named = context ?? env["DOCKER_CONTEXT"];
  const name = named || (await currentContext(folder));
  // Docker's own name for the engine of this machine, which has no metadata.
  if (name === "default") return decide(defaultSocket, "name another context: docker context ls");
  if (!name) return { decided: false, list: usualSockets(env, home, uid) };
  const otherwise = named ? "unset DOCKER_CONTEXT" : "docker context use default";
  return decide(await readContext(folder, name), otherwise);
}

function decide(candidate: Candidate, otherwise: string): Candidates {
  return { decided: true, list: [candidate], otherwise };
}

/** TLS belongs to addresses of the network: `DOCKER_TLS_VERIFY` beside a socket changes nothing. */
function readHost(host: string, env: NodeJS.ProcessEnv, folder: string): Candidate {
  const url = host.includes("://") ? host : `tcp://${host}`;
  const verify = env["DOCKER_TLS_VERIFY"] ? "engine" : "none";
  const secure = verify === "engine" || env["DOCKER_TLS"];
  if (!secure || !isNetwork(url)) return { origin: "DOCKER_HOST", url };
  const tls = { folder: env["DOCKER_CERT_PATH"] || folder, verify } as const;
  return { origin: "DOCKER_HOST", url, tls };
}

function isNetwork(url: string): boolean {
  return /^(tcp|https?):/.test(url);
}

async function currentContext(folder: string): Promise<string | undefined> {
  const config = await readJson(join(folder, "config.json"));
  const name = config?.["currentContext"];
  return typeof name === "string" ? name : undefined;
}

/** https://github.com/docker/cli/tree/master/cli/context/store: what dp reads of a meta.json. */
interface ContextMeta {
  readonly Name?: string;
  readonly Endpoints?: {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
  };
}

/** Context metadata lies under the SHA-256 of its name, its certificates beside it. */
async function readContext(folder: string, name: string): Promise<Candidate> {
  const hash = createHash("sha256").update(name).digest("hex");
  const meta: ContextMeta | undefined = await readJson(join(metaFolder(folder), hash, "meta.json"));
  if (!meta) throw await unknownContext(folder, name);
  const { Host: url, SkipTLSVerify: skip = false } = meta.Endpoints?.docker ?? {};
  if (!url) {
    throw new DpError({
      code: "no-engine",
      message: `the Docker context ${name} names no address of an engine`,
      next: `docker context inspect ${name}; another one: docker context ls`,
    });
  }
  const certificates = join(folder, "contexts", "tls", hash, "docker");
  const secure = isNetwork(url) && (skip || (await exists(certificates)));
  const tls = { folder: certificates, verify: skip ? "none" : "engine" } as const;
  return { origin: `context ${name}`, url, ...(secure ? { tls } : {}) };
}

function metaFolder(folder: string): string {
  return join(folder, "contexts", "meta");
}

async function unknownContext(folder: string, name: string): Promise<DpError> {
  const contexts = await readContexts(folder);
  const names = ["default", ...contexts.map((context) => context.name)];
  const meant = nearest(name, names);
  return new DpError({
    code: "no-engine",
    message: `there is no Docker context ${name}`,
    why: `those in ${folder} are: ${names.join(", ")}`,
    next: meant === undefined ? "docker context ls" : `did you mean ${meant}?`,
  });
}

export interface KnownContexts {
  /** By name; `default`, which has no metadata, is not among them. */
  readonly list: readonly { readonly name: string; readonly url: string }[];
  /** The one that Docker's configuration names. */
  readonly current: string | undefined;
}

/** The contexts of Docker's own client. */
export async function listContexts({
  env,
  home,
}: Pick<Surroundings, "env" | "home">): Promise<KnownContexts> {
  const folder = env["DOCKER_CONFIG"] || join(home, ".docker");
  const [list, current] = await Promise.all([readContexts(folder), currentContext(folder)]);
  return { list, current };
}

async function readContexts(folder: string): Promise<{ name: string; url: string }[]> {
  const hashes = await readdir(metaFolder(folder)).catch(() => []);
  const metas = await Promise.all(
    hashes.map((hash) => readJson<ContextMeta>(join(metaFolder(folder), hash, "meta.json"))),
  );
  return metas
    .flatMap((meta) =>
      meta?.Name === undefined
        ? []
        : [{ name: meta.Name, url: meta.Endpoints?.docker?.Host ?? "" }],
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readJson<T = Record<string, unknown>>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse((await readRegularFile(path)).toString()) as T;
  } catch {
    return undefined;
  }
}

const defaultSocket: Candidate = {
  origin: "default socket",
  url: "unix:///var/run/docker.sock",
};

function usualSockets(env: NodeJS.ProcessEnv, home: string, uid: number): Candidate[] {
  const runtime = env["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`;
  const sockets: [origin: string, path: string][] = [
    ["rootless Docker", join(runtime, "docker.sock")],
    ["Docker Desktop", join(home, ".docker/run/docker.sock")],
    ["Colima", join(home, ".colima/default/docker.sock")],
    ["Rancher Desktop", join(home, ".rd/docker.sock")],
    ["Podman", join(runtime, "podman/podman.sock")],
    ["Podman of root", "/run/podman/podman.sock"],
  ];
  return [defaultSocket, ...sockets.map(([origin, path]) => ({ origin, url: `unix://${path}` }))];
}
