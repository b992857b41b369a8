import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where an engine may answer, and what named it. */
export interface Candidate {
  /** `DOCKER_HOST`, `context colima`, `default socket`… */
  readonly origin: string;
  /** `unix:///var/run/docker.sock`, `tcp://10.0.0.2:2376`… */
  readonly url: string;
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly certificates?: string;
}

export interface Candidates {
  /** When true one setting decides, and no other address may be tried. */
  readonly decided: boolean;
  readonly list: readonly Candidate[];
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly uid: number;
}

/**
 * The addresses of the engine, as Docker's own client finds them: DOCKER_HOST, else DOCKER_CONTEXT,
 * else the current context of its config; the first that is set decides alone. When none is set,
 * the usual sockets, rootless, Colima and Podman among them.
 * https://docs.docker.com/engine/manage-resources/contexts/
 */
export async function findCandidates({ env, home, uid }: Surroundings): Promise<Candidates> {
  const host = env["DOCKER_HOST"];
  if (host) {
    const certificates = certificateFolder(env, home);
    const candidate = {
      origin: "DOCKER_HOST",
      url: host,
      ...(certificates ? { certificates } : {}),
    };
    return { decided: true, list: [candidate] };
  }
  const folder = env["DOCKER_CONFIG"] ?? join(home, ".docker");
  const name = env["DOCKER_CONTEXT"] || (await currentContext(folder));
  // Docker's own name for the engine of this machine, which has no metadata.
  if (name === "default") return { decided: true, list: [defaultSocket] };
  if (name) return { decided: true, list: [await readContext(folder, name)] };
  return { decided: false, list: usualSockets(env, home, uid) };
}

function certificateFolder(env: NodeJS.ProcessEnv, home: string): string | undefined {
  if (!env["DOCKER_TLS_VERIFY"]) return undefined;
  return env["DOCKER_CERT_PATH"] ?? join(home, ".docker");
}

async function currentContext(folder: string): Promise<string | undefined> {
  const config = await readJson(join(folder, "config.json"));
  const name = config?.["currentContext"];
  return typeof name === "string" ? name : undefined;
}

/** Context metadata lies under the SHA-256 of its name. */
async function readContext(folder: string, name: string): Promise<Candidate> {
  const hash = createHash("sha256").update(name).digest("hex");
  const meta = await readJson(join(folder, "contexts", "meta", hash, "meta.json"));
  const endpoints = meta?.["Endpoints"] as { docker?: { Host?: string } } | undefined;
  const url = endpoints?.docker?.Host ?? "";
  const certificates = join(folder, "contexts", "tls", hash, "docker");
  return { origin: `context ${name}`, url, ...(url.startsWith("tcp:") ? { certificates } : {}) };
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
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
  ];
  return [defaultSocket, ...sockets.map(([origin, path]) => ({ origin, url: `unix://${path}` }))];
}
