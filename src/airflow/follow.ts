import { setTimeout as sleep } from "node:timers/promises";
import { DpError } from "../errors.ts";
import type { AirflowClient } from "./client.ts";
import { findRun, listRuns, listTasks, type DagRun, type TaskInstance } from "./runs.ts";
import { stepStateOf } from "./states.ts";
import { createLogNews, linesOf, readTaskLog, type LogItem } from "./task-log.ts";

/** What happens to a run, in the order in which it is seen. */
export type RunEvent =
  /** A try of a task began, or one ended. */
  | { readonly type: "task"; readonly task: TaskInstance }
  | { readonly type: "line"; readonly task: string; readonly line: string }
  /** The run waits for others of its DAG to end. */
  | { readonly type: "queued"; readonly behind: readonly DagRun[] };

export interface FollowInput {
  readonly client: AirflowClient;
  readonly dag: string;
  readonly run: string;
  readonly onEvent: (event: RunEvent) => void;
  /** Ends the watch, with its reason; the run goes on. */
  readonly signal: AbortSignal;
}

export interface FollowedRun {
  readonly run: DagRun;
  readonly tasks: readonly TaskInstance[];
}

/** Quick enough for a person; a poll costs Airflow some ten milliseconds. */
const pollMs = 250;
const queuedTooLongMs = 1500;
/** Milliseconds for which calls may fail: an API server that has ended is started again. */
const toleranceMs = 10_000;
/** Reading a log takes Airflow longer the longer the log is: it may use a fifth of the time at most. */
const logShare = 5;

/**
 * Follows a run to its end. Throws DpError `airflow-failed` when Airflow no longer answers or knows
 * the run, and the signal's reason.
 */
export async function followRun(input: FollowInput): Promise<FollowedRun> {
  const poll = createPoll(input);
  let failingSince: number | undefined;
  for (;;) {
    try {
      const followed = await poll();
      failingSince = undefined;
      if (followed.run.state === "succeeded" || followed.run.state === "failed") return followed;
    } catch (thrown) {
      input.signal.throwIfAborted();
      failingSince ??= performance.now();
      if (performance.now() - failingSince > toleranceMs) throw thrown;
    }
    await sleep(pollMs, undefined, { signal: input.signal }).catch(() => {});
    input.signal.throwIfAborted();
  }
}

/** One look at the run: tells what is new, and returns what it saw. */
function createPoll(input: FollowInput): () => Promise<FollowedRun> {
  const { client, dag, run: id, onEvent, signal } = input;
  const logs = createLogFollower(input);
  const seen = new Map<string, string>();
  const startedAt = performance.now();
  let toldQueue = "";

  const tellTasks = async (tasks: readonly TaskInstance[]): Promise<void> => {
    for (const task of tasks) {
      const key = `${task.task}[${task.mapIndex}]`;
      const now = `${task.state} ${task.try}`;
      if (seen.get(key) === now) continue;
      // The lines of a try come before its end is told.
      await logs.read(task);
      seen.set(key, now);
      onEvent({ type: "task", task });
    }
    await logs.readRunning(tasks);
  };

  const tellQueue = async (): Promise<void> => {
    const behind = await listRuns(client, { dag, state: "running", limit: 10 }, signal);
    const told = behind.map((other) => other.id).join(" ");
    if (behind.length > 0 && told !== toldQueue) onEvent({ type: "queued", behind });
    toldQueue = told;
  };

  return async () => {
    const [run, tasks] = await Promise.all([
      findRun(client, { dag, id }, signal),
      listTasks(client, { dag, id }, signal),
    ]);
    if (!run) throw vanished(dag, id);
    await tellTasks(tasks);
    const isQueued = run.state === "queued" && performance.now() - startedAt > queuedTooLongMs;
    if (isQueued) await tellQueue();
    return { run, tasks };
  };
}

function vanished(dag: string, id: string): DpError {
  return new DpError({
    code: "airflow-failed",
    message: `could not find out how run ${id} of ${dag} ended`,
    why: "Airflow does not know it: it was deleted while it ran",
    next: `dp pipeline runs ${dag}`,
  });
}

interface LogFollower {
  /** Reads the try of a task that began or ended. */
  read(task: TaskInstance): Promise<void>;
  readRunning(tasks: readonly TaskInstance[]): Promise<void>;
}

interface Position {
  readonly try: number;
  readonly news: (content: readonly LogItem[]) => LogItem[];
  readonly ended: boolean;
  /** Milliseconds of the performance clock. */
  readonly notBefore: number;
}

function createLogFollower({ client, dag, run, onEvent, signal }: FollowInput): LogFollower {
  const positions = new Map<string, Position>();
  const keyOf = ({ task, mapIndex }: TaskInstance): string => `${task}[${mapIndex}]`;

  const readOn = async (task: TaskInstance, tryNumber: number, ended: boolean): Promise<void> => {
    const last = positions.get(keyOf(task));
    const news = last?.try === tryNumber ? last.news : createLogNews();
    const startedAt = performance.now();
    const of = { dag, run, task: task.task, try: tryNumber, mapIndex: task.mapIndex };
    const content = await readTaskLog(client, of, signal);
    const now = performance.now();
    positions.set(keyOf(task), {
      try: tryNumber,
      news,
      ended,
      notBefore: now + (now - startedAt) * logShare,
    });
    for (const line of linesOf(news(content), "shortened")) {
      onEvent({ type: "line", task: task.task, line });
    }
  };

  /** Tries that ended between two polls are read as well. */
  const readEarlier = async (task: TaskInstance): Promise<void> => {
    const last = positions.get(keyOf(task));
    const first = last === undefined ? 1 : last.ended ? last.try + 1 : last.try;
    for (let earlier = first; earlier < task.try; earlier++) await readOn(task, earlier, true);
  };

  return {
    read: async (task) => {
      if (task.try === 0) return;
      await readEarlier(task);
      const state = stepStateOf(task.state);
      const last = positions.get(keyOf(task));
      const isRead = last?.try === task.try && last.ended;
      if (state !== "waiting" && state !== "running" && !isRead) {
        await readOn(task, task.try, true);
      }
    },
    readRunning: async (tasks) => {
      const now = performance.now();
      const due = tasks.filter((task) => {
        const last = positions.get(keyOf(task));
        const isRunning = stepStateOf(task.state) === "running" && task.try > 0;
        return isRunning && (last?.try !== task.try || last.notBefore <= now);
      });
      await Promise.all(due.map((task) => readOn(task, task.try, false)));
    },
  };
}
