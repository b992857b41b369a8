import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { containersOf, engineClient } from "./docker.ts";
import { createProject, type Project } from "./project.ts";
import { shellImage, shellService } from "./shell-service.ts";

interface Size {
  readonly brokers: 1 | 2;
}

/** A stack for kills: one or two brokers with a topic of one record, a service, and a pipeline. */
export interface ChaosStack extends AsyncDisposable {
  readonly project: Project;
  /** Writes the pipeline.yaml. */
  configure(size: Size): Promise<void>;
  /** Writes the pipeline.yaml and expects `dp up` to succeed; the first one writes the record. */
  up(size: Size): Promise<void>;
  /** Removes the containers and the network; data and record are kept. */
  down(): Promise<void>;
  /** Runs dp and kills it after some milliseconds, or lets it end before. */
  kill(args: readonly string[], afterMs: number): Promise<void>;
  /** Expects that all of the stack runs and nothing else is there, and that the topic has its record once. */
  expectWhole(size: Size): Promise<void>;
  /** Container → host ports. */
  ports(): Promise<Readonly<Record<string, readonly number[]>>>;
}

/** Without `mode` the brokers are a KRaft cluster. */
export async function createChaosStack(mode?: "zookeeper"): Promise<ChaosStack> {
  const api = shellService({ image: await shellImage(), keys: 'ports: ["7000"]' });
  const text = ({
    brokers,
  }: Size): string => `${mode === undefined ? "" : "zookeeper:\n"}kafka: { brokers: ${brokers} }
topics: { kept: { partitions: 2, replication: 1 } }
services: { api: ${api} }
pipelines: { greet: { steps: { hello: { run: "echo hello" } } } }
`;
  const project = await createProject(text({ brokers: 1 }));
  let hasRecord = false;
  const up = async (size: Size): Promise<void> => {
    await project.configure(text(size));
    await project.succeed(["up"]);
    if (hasRecord) return;
    await project.succeed(["topic", "produce", "kept"], { input: "once\n" });
    hasRecord = true;
  };
  return {
    project,
    configure: (size) => project.configure(text(size)),
    up,
    down: async () => void (await project.succeed(["down"])),
    kill: async (args, afterMs) => {
      const dp = project.start(args);
      await Promise.race([dp.done, sleep(afterMs)]);
      dp.kill("SIGKILL");
      await dp.done;
    },
    expectWhole: async ({ brokers }) => {
      const services = [
        "api",
        ...Array.from({ length: brokers }, (_, index) => `kafka-${index + 1}`),
        ...(mode === undefined ? [] : ["zookeeper-1"]),
      ];
      const wanted = services.map((service) => `${project.name}-${service} running`);
      // The engine removes the container of a killed local run when it notices that its input is closed.
      // `expect.poll` knows no test where several run at a time.
      await vi.waitFor(async () => expect(await listOwn(project.name)).toEqual(wanted), 10_000);
      const { stdout } = await project.succeed(["topic", "tail", "kept", "-o", "start", "-e"]);
      expect(stdout.match(/once/g)).toHaveLength(1);
      const { locks, processes } = await project.snapshot();
      expect({ locks, processes }).toEqual({ locks: [], processes: [] });
    },
    ports: async () => {
      const containers = await containersOf(project.name);
      return Object.fromEntries(
        containers.map(({ name, ports }) => [name, ports.map(({ hostPort }) => hostPort)]),
      );
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** All containers whose name begins with that of the stack, those of local runs too. */
async function listOwn(project: string): Promise<string[]> {
  const containers = await (await engineClient()).listContainers({ all: true });
  return containers
    .map(({ Names: [name = ""], State: state }) => `${name.slice(1)} ${state}`)
    .filter((line) => line.startsWith(`${project}-`))
    .toSorted();
}
