import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import type { Emit } from "../../model/events.ts";
import type { ContainerSpec, ReadinessGroup } from "../../model/containers.ts";
import type { Op, Plan } from "../../stack/plan-model.ts";
import { containerName } from "../../stack/names.ts";
import { createArchive, type ArchiveOptions } from "../exec/archive.ts";
import { createContainer, createNetwork, createVolume } from "./container.ts";
import {
  removeContainer,
  removeVolume,
  renameContainer,
  startContainer,
  stopContainer,
  unpauseContainer,
} from "../engine/engine-calls.ts";
import { engineWords, isOutdated, toEngineError } from "../engine/engine-error.ts";
import {
  changedMeanwhile,
  watchExits,
  withLastLines,
  type ExitWatch,
  type WatchedContainer,
} from "./exits.ts";
import type { StackLabels } from "./labels.ts";
import { writeReadyFile } from "../exec/ready-file.ts";
import type { Journal } from "./rollback.ts";

/** What a plan waits for: joined in by the caller, because it speaks ZooKeeper and Kafka. */
export interface Waits {
  ready(group: ReadinessGroup, signal: AbortSignal): Promise<void>;
  deregistered(op: Extract<Op, { kind: "await-deregistered" }>, signal: AbortSignal): Promise<void>;
  topics(signal: AbortSignal): Promise<void>;
  drained(op: Extract<Op, { kind: "drain-brokers" }>, signal: AbortSignal): Promise<void>;
  unregistered(op: Extract<Op, { kind: "unregister-broker" }>, signal: AbortSignal): Promise<void>;
}

export interface ApplyInput {
  readonly plan: Plan;
  readonly client: Dockerode;
  readonly labels: StackLabels;
  readonly waits: Waits;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Gets what was done, so that it can be undone. */
  readonly journal: Journal;
}

/**
 * Runs the ops of a plan, each as soon as those before it are done. Makes no decision of its own.
 * Throws the first failure, after the ops under way have ended; a container that exits is one.
 */
export async function apply(input: ApplyInput): Promise<void> {
  const { plan, client, signal } = input;
  const exits = watchExits(client);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, exits.signal, failed.signal]);
  // Each call that is under way adds one.
  setMaxListeners(0, stop);
  const done = new Map<string, Promise<void>>();
  const waiting = new Set(plan.ops.filter(({ kind }) => kind === "await-ready"));
  const run = async (op: Op): Promise<void> => {
    await Promise.all(
      op.after.map(
        (id) => done.get(id) ?? Promise.reject(new Error(`${op.id} stands before ${id}`)),
      ),
    );
    stop.throwIfAborted();
    await runOp(op, { ...input, exits, signal: stop });
    if (waiting.delete(op) && waiting.size === 0) input.journal.settle();
  };
  try {
    for (const op of plan.ops) {
      const running = run(op);
      running.catch((thrown: unknown) => failed.abort(thrown));
      done.set(op.id, running);
    }
    await Promise.allSettled(done.values());
    stop.throwIfAborted();
  } finally {
    exits.stop();
  }
}

interface OpContext extends ApplyInput {
  readonly exits: ExitWatch;
}

async function runOp(op: Op, context: OpContext): Promise<void> {
  const { emit } = context;
  const action = verbs[op.kind];
  const step = { type: "step", id: op.id, target: op.target, action } as const;
  const startedAt = performance.now();
  emit({ ...step, state: "start" });
  try {
    await perform(op, context);
  } catch (thrown) {
    const state = stateAfterFailure(op, context);
    emit({ ...step, state, durationMs: Math.round(performance.now() - startedAt) });
    // The caller reports it when the stack is ready.
    if (op.kind === "apply-topics" && !op.required) return;
    if (isOutdated(thrown)) throw changedMeanwhile(op.target, engineWords(thrown));
    throw toEngineError(thrown, `${action} ${op.target}`);
  }
  emit({ ...step, state: "done", durationMs: Math.round(performance.now() - startedAt) });
}

/** An op that ends because of another one, of the exit of another service, or of a signal has not failed itself. */
function stateAfterFailure(op: Op, { signal, exits }: OpContext): "failed" | "canceled" {
  if (!signal.aborted) return "failed";
  const exited = exits.exited();
  const services = op.kind === "await-ready" ? op.group.services : [op.target];
  return exited !== undefined && services.includes(exited) ? "failed" : "canceled";
}

const verbs: Readonly<Record<Op["kind"], string>> = {
  "create-network": "create network",
  "create-volume": "create volume",
  "create-container": "create",
  upload: "configure",
  "start-container": "start",
  "unpause-container": "unpause",
  "stop-container": "stop",
  "rename-container": "set aside",
  "remove-container": "remove",
  "remove-volume": "remove volume",
  "let-zookeeper-begin": "let ZooKeeper begin before",
  "await-ready": "wait for",
  "apply-topics": "apply topics to",
  "await-steady": "wait for",
  "await-deregistered": "wait for the old session of",
  "drain-brokers": "drain",
  "unregister-broker": "unregister",
};

async function perform(op: Op, context: OpContext): Promise<void> {
  const { client, labels, journal, exits, waits, signal, plan } = context;
  switch (op.kind) {
    case "create-network":
      journal.record({
        undo: "remove-network",
        name: op.target,
        id: await createNetwork(client, labels),
      });
      return;
    case "create-volume":
      await createVolume(client, op.target, { spec: op.spec, labels });
      journal.record({ undo: "remove-volume", service: op.spec.service, name: op.target });
      return;
    case "create-container":
      journal.record({
        undo: "remove-container",
        service: op.target,
        id: await createContainer(client, op.spec, labels),
      });
      await writeReadyFile(client.getContainer(op.spec.name), op.spec.ready, signal);
      return;
    case "upload":
      await client
        .getContainer(op.spec.name)
        .putArchive(await createArchive(uploadOf(op.spec)), { path: "/", abortSignal: signal });
      return;
    case "start-container":
      await startContainer(client, op.containerName);
      journal.record({ undo: "stop-container", service: op.target, name: op.containerName });
      exits.watch({
        service: op.target,
        name: op.containerName,
        exitIs: "exited",
        ...lifeOf(op.target, plan),
      });
      return;
    case "unpause-container":
      await unpauseContainer(client, op.containerId);
      return;
    case "stop-container":
      journal.record({ undo: "start-container", service: op.target, id: op.containerId });
      await stopContainer(client, op.containerId, op.timeoutS);
      return;
    case "rename-container":
      await renameContainer(client, op.containerId, op.to);
      journal.record({
        undo: "rename-container",
        service: op.target,
        id: op.containerId,
        to: op.from,
      });
      return;
    case "remove-container":
      await removeContainer(client, op.containerId);
      return;
    case "remove-volume":
      await removeVolume(client, op.target);
      return;
    case "let-zookeeper-begin":
      await sleep(op.durationMs, undefined, { signal });
      return;
    case "await-ready": {
      const containers = new Map(
        op.group.services.map((service) => [service, containerName(plan.project, service)]),
      );
      for (const [service, name] of containers) {
        exits.watch({ service, name, exitIs: "changed-meanwhile", ...lifeOf(service, plan) });
      }
      try {
        await waits.ready(op.group, signal);
      } catch (thrown) {
        throw await withLastLines(thrown, client, containers);
      }
      return;
    }
    case "apply-topics":
      await waits.topics(signal);
      return;
    case "await-steady": {
      const containers = new Map(
        op.keeps.map((service) => [service, containerName(plan.project, service)]),
      );
      try {
        await waits.ready(op.group, signal);
      } catch (thrown) {
        throw await withLastLines(thrown, client, containers);
      }
      journal.keep(op.keeps);
      return;
    }
    case "await-deregistered":
      await waits.deregistered(op, signal);
      return;
    case "drain-brokers":
      await waits.drained(op, signal);
      return;
    case "unregister-broker":
      await waits.unregistered(op, signal);
      return;
  }
}

const root = { uid: 0, gid: 0 } as const;

/** What is written into a container before its start. */
function uploadOf({ files, ownFolders }: ContainerSpec): ArchiveOptions {
  const entries = files.map((file) => ({ ...file, owner: file.owner ?? root }));
  if (!ownFolders) return { entries };
  const { paths: folders, ...owner } = ownFolders;
  return { entries, folders, ...owner };
}

/** What the group of a service says of the end of its containers. */
function lifeOf(service: string, { ops }: Plan): Pick<WatchedContainer, "life"> {
  const group = ops
    .flatMap((op) => (op.kind === "await-ready" ? [op.group] : []))
    .find(({ services }) => services.includes(service));
  if (group?.probe.kind === "completed") return { life: "ends" };
  return group?.restarts ? { life: "restarts" } : {};
}
