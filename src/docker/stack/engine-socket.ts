import type Dockerode from "dockerode";
import type { Engine } from "../engine/connect.ts";
import { removeContainer, startContainer } from "../engine/engine-calls.ts";
import { engineWords } from "../engine/engine-error.ts";
import { waitForExit } from "../engine/wait-exit.ts";
import { lastLines } from "../exec/logs.ts";
import { DpError, messageOf } from "../../errors.ts";
import type { StackLabels } from "./labels.ts";
import { runLabels } from "./run-container.ts";

const inContainer = "/var/run/docker.sock";

/** The engine's socket in a container. */
export function engineSocketMount(socket: string): Dockerode.MountSettings {
  return { Type: "bind", Source: socket, Target: inContainer };
}

/**
 * Root owns the socket, so that a container needs no capability to use it. SELinux would keep a container
 * from it: https://docs.docker.com/reference/cli/docker/container/run/#security-opt
 */
export const withEngineSocket = {
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges", "label=disable"],
} satisfies Dockerode.HostConfig;

/**
 * Where an engine may have its socket on its own machine, best first. That of this machine is not always the
 * one: Docker Desktop, Colima and other engines in a virtual machine forward theirs.
 */
export function socketCandidates(url: string): string[] {
  const path = /^unix:\/\/(.+)$/.exec(url)?.[1];
  return [...new Set([...(path === undefined ? [] : [path]), inContainer])];
}

/** Prints the information of the engine behind the socket. */
const askInfo = `
import socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect("${inContainer}")
s.sendall(b"GET /info HTTP/1.0\\r\\nHost: docker\\r\\n\\r\\n")
answer = b""
while data := s.recv(65536):
    answer += data
print(answer.partition(b"\\r\\n\\r\\n")[2].decode().strip())
`;

interface SocketQuery {
  readonly engine: Engine;
  readonly labels: StackLabels;
  /** Has Python. */
  readonly imageId: string;
  readonly signal: AbortSignal;
}

/**
 * Finds the engine's socket on its own machine, with a container that uses it. Throws DpError `refused`
 * where no container can.
 */
export async function findEngineSocket(query: SocketQuery): Promise<string> {
  const { engine } = query;
  const tried: string[] = [];
  for (const socket of socketCandidates(engine.url)) {
    const failure = await trySocket(socket, query);
    if (failure === undefined) return socket;
    tried.push(`${socket}: ${failure}`);
  }
  throw new DpError({
    code: "refused",
    message: "Airflow can't run steps in containers on this engine",
    why: "the step runner needs the engine's socket, and no container can use it",
    evidence: [`${engine.origin} (${engine.url})`, ...tried],
    next: "use another engine, or run these pipelines with dp pipeline run --local in a stack without airflow",
  });
}

interface EngineInfo {
  readonly ID: string;
  readonly Name: string;
  readonly DockerRootDir: string;
}

/**
 * Engines of one machine can have the same ID, and those of two virtual machines the same name and folder.
 * Podman gives every call another ID.
 */
async function isSameEngine(
  { ID: id, Name: name, DockerRootDir: folder }: EngineInfo,
  engine: Engine,
  signal: AbortSignal,
): Promise<boolean> {
  const own = await engine.get<EngineInfo>("/info", signal);
  if (name !== own.Name || folder !== own.DockerRootDir) return false;
  return id === own.ID || (await engine.get<EngineInfo>("/info", signal)).ID !== own.ID;
}

/** Why a container can't use a socket, or that it belongs to another engine; undefined when it can. */
async function trySocket(socket: string, query: SocketQuery): Promise<string | undefined> {
  const { engine, labels, imageId, signal } = query;
  const client = await engine.client();
  const id = `socket-${process.pid}`;
  let container: Dockerode.Container | undefined;
  try {
    container = await client.createContainer({
      name: `${labels.project}-${id}`,
      Image: imageId,
      Entrypoint: ["/opt/dp/venv/bin/python", "-c", askInfo],
      Cmd: [],
      User: "0:0",
      Labels: await runLabels(labels, id),
      HostConfig: {
        NetworkMode: "none",
        Mounts: [engineSocketMount(socket)],
        ...withEngineSocket,
      },
    });
    await startContainer(client, container.id);
    await waitForExit(container, { until: "not-running", signal });
    const printed = (await lastLines(container, { count: 1 })).at(-1) ?? "";
    if (!printed.startsWith("{")) return printed;
    const reached = JSON.parse(printed) as EngineInfo;
    return (await isSameEngine(reached, engine, signal))
      ? undefined
      : `is the socket of another engine, ${reached.Name}`;
  } catch (thrown) {
    signal.throwIfAborted();
    return engineWords(thrown) || messageOf(thrown);
  } finally {
    if (container) await removeContainer(client, container.id);
  }
}
