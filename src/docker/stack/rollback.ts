import type Dockerode from "dockerode";
import type { Emit } from "../../model/events.ts";
import { brokerIdOf } from "../../stack/names.ts";
import {
  removeContainer,
  removeNetwork,
  removeVolume,
  renameContainer,
  startContainer,
  stopContainer,
} from "../engine/engine-calls.ts";
import { engineWords, isLost } from "../engine/engine-error.ts";

/** How to undo one thing that a run did. */
export type Undo =
  | { readonly undo: "remove-container"; readonly service: string; readonly id: string }
  | { readonly undo: "stop-container"; readonly service: string; readonly name: string }
  | {
      readonly undo: "rename-container";
      readonly service: string;
      readonly id: string;
      readonly to: string;
    }
  | { readonly undo: "start-container"; readonly service: string; readonly id: string }
  | { readonly undo: "remove-volume"; readonly service: string; readonly name: string }
  | { readonly undo: "remove-network"; readonly name: string; readonly id: string };

/** What a run has done so far. */
export interface Journal {
  record(undo: Undo): void;
  /** All services are ready: from here on nothing is undone. */
  settle(): void;
  /** These services are proven: what was done to them is not undone. */
  keep(services: readonly string[]): void;
  readonly done: readonly Undo[];
  readonly kept: readonly string[];
  readonly settled: boolean;
}

export function createJournal(): Journal {
  const done: Undo[] = [];
  const kept: string[] = [];
  let settled = false;
  return {
    record: (undo) => void (settled || done.push(undo)),
    settle: () => {
      settled = true;
      done.length = 0;
    },
    keep: (services) => {
      const others = done.filter((undo) => !("service" in undo && services.includes(undo.service)));
      done.splice(0, done.length, ...others);
      kept.push(...services);
    },
    done,
    kept,
    get settled() {
      return settled;
    },
  };
}

export interface RollbackInput {
  readonly client: Dockerode;
  readonly journal: Journal;
  readonly emit: Emit;
  /** Called before a container that was stopped starts again; it must not reject. */
  readonly beforeRestart: (service: string) => Promise<void>;
}

export interface RollbackResult {
  /** A line for each thing that could not be undone. */
  readonly left: readonly string[];
  /** The engine is gone. */
  readonly lost: boolean;
}

/**
 * Undoes what a run did, and nothing else. Goes on when one thing fails, and returns what is left.
 * New things go first, then the old ones come back, then what containers no longer hold goes.
 */
export async function rollback(input: RollbackInput): Promise<RollbackResult> {
  const { journal, emit } = input;
  const left: string[] = [];
  let lost = false;
  if (journal.done.length > 0) emit({ type: "phase", phase: "undo", state: "start" });
  for (const batch of batchesOf(journal.done)) {
    await Promise.all(
      batch.map(async (undo) => {
        try {
          await perform(undo, input);
        } catch (thrown) {
          lost ||= isLost(thrown);
          left.push(`${describe(undo)}: ${engineWords(thrown)}`);
        }
      }),
    );
  }
  if (journal.done.length > 0) emit({ type: "phase", phase: "undo", state: "done" });
  return { left, lost };
}

/**
 * Brokers stop before ZooKeeper, so that they can say goodbye to it; what this run created just goes,
 * unless a predecessor is to come back under the same broker id.
 */
function batchesOf(done: readonly Undo[]): Undo[][] {
  const isRestored = done.some(({ undo }) => undo === "start-container");
  const created = new Set(
    done.flatMap((undo) => (undo.undo === "remove-container" ? [undo.service] : [])),
  );
  const stops = done.filter(
    (undo) => undo.undo === "stop-container" && (isRestored || !created.has(undo.service)),
  );
  const isBroker = (undo: Undo): boolean =>
    "service" in undo && brokerIdOf(undo.service) !== undefined;
  const of = (...kinds: Undo["undo"][]): Undo[] => done.filter(({ undo }) => kinds.includes(undo));
  return [
    stops.filter(isBroker),
    stops.filter((undo) => !isBroker(undo)),
    of("remove-container"),
    of("rename-container"),
    of("start-container"),
    of("remove-volume", "remove-network"),
  ];
}

async function perform(undo: Undo, { client, beforeRestart }: RollbackInput): Promise<void> {
  switch (undo.undo) {
    case "remove-container":
      await removeContainer(client, undo.id);
      return;
    case "stop-container":
      await stopContainer(client, undo.name, 10);
      return;
    case "rename-container":
      await renameContainer(client, undo.id, undo.to);
      return;
    case "start-container":
      await beforeRestart(undo.service);
      await startContainer(client, undo.id);
      return;
    case "remove-volume":
      await removeVolume(client, undo.name);
      return;
    case "remove-network":
      await removeNetwork(client, undo.id);
      return;
  }
}

function describe(undo: Undo): string {
  const what = undo.undo.replace("-", " ");
  return `could not ${what} ${"name" in undo ? undo.name : undo.service}`;
}
