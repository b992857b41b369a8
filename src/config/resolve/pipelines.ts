import path from "node:path";
import type {
  MoveWork,
  OnBadRecord,
  Pipeline,
  PythonFunction,
  RunWork,
  Sink,
  Source,
  Step,
} from "../../model/pipelines.ts";
import { cronOf } from "../cron.ts";
import { defaults } from "../defaults.ts";
import {
  badRecordTopic,
  parseFunction,
  sinkOf,
  sourceOf,
  type WrittenSink,
  type WrittenSource,
} from "../endpoints.ts";
import { durationOf, optionalDuration } from "../units.ts";
import { entriesOf, listOf, type WrittenPipeline, type WrittenStep } from "../written.ts";
import type { ResolveInput } from "./input.ts";
import { resolveVolume, wordsOf } from "./services.ts";

type Places = Pick<ResolveInput, "file" | "realPathOf">;

export function resolvePipelines(input: ResolveInput): Pipeline[] {
  const { spec, name: stack } = input;
  return entriesOf(spec.pipelines).map(([name, written]) =>
    resolvePipeline({ stack, name, written, places: input }),
  );
}

function resolvePipeline(input: {
  stack: string;
  name: string;
  written: WrittenPipeline;
  places: Places;
}): Pipeline {
  const { stack, name, written, places } = input;
  const steps = entriesOf(written.steps);
  return {
    name,
    description: written.description,
    tags: written.tags ?? [],
    schedule: written.schedule === undefined ? undefined : cronOf(written.schedule),
    timezone: written.timezone ?? defaults.timezone,
    timeoutMs: optionalDuration(written.timeout),
    maxActiveRuns: written.max_active_runs ?? defaults.maxActiveRuns,
    params: written.params ?? {},
    steps: steps.flatMap(([id, step], index): Step[] => {
      const work = resolveWork({ step, group: `dp.${stack}.${name}.${id}`, places });
      if (!work) return [];
      return [
        {
          id,
          needs: step.needs ?? steps.slice(Math.max(0, index - 1), index).map(([above]) => above),
          retries: step.retries ?? written.retries ?? defaults.retries,
          retryDelayMs: durationOf(step.retry_delay ?? written.retry_delay ?? defaults.retryDelay),
          timeoutMs: optionalDuration(step.timeout),
          environment: step.environment ?? {},
          work,
        },
      ];
    }),
  };
}

/** Undefined for what can't be read: the rules tell it. */
function resolveWork({
  step,
  group,
  places,
}: {
  step: WrittenStep;
  group: string;
  places: Places;
}): MoveWork | RunWork | undefined {
  const run = resolveRun(step.run, places);
  if (run) return { kind: "run", run };
  const from = resolveSource(sourceOf(step), group);
  const to = resolveSink(sinkOf(step));
  if (!from || !to) return undefined;
  return {
    kind: "move",
    from,
    transform: step.transform === undefined ? undefined : resolveFunction(step.transform),
    to,
    onBadRecord: resolveBadRecord(step),
    batch: step.batch ?? defaults.batch,
  };
}

function resolveRun(run: WrittenStep["run"], places: Places): RunWork["run"] | undefined {
  if (run === undefined) return undefined;
  if (typeof run === "string") return { type: "command", command: run };
  if (run.python !== undefined) {
    const python = resolveFunction(run.python);
    return python && { type: "python", ...python };
  }
  const command = wordsOf(run.command);
  if (run.image !== undefined) {
    const binds = (run.volumes ?? []).flatMap((text) => {
      const [volume] = resolveVolume(places, text);
      if (volume?.kind !== "bind") return [];
      const { source, target, readOnly } = volume;
      return [{ source, target, readOnly }];
    });
    return { type: "container", from: { kind: "image", ref: run.image, binds }, command };
  }
  if (run.service !== undefined) {
    return { type: "container", from: { kind: "service", service: run.service }, command };
  }
  if (run.store === undefined || run.sql === undefined) return undefined;
  return { type: "sql", store: run.store, file: normalPath(run.sql) };
}

function resolveSource(written: WrittenSource | undefined, group: string): Source | undefined {
  if (!written) return undefined;
  const { http, topic, store, table, query } = written;
  if (http !== undefined) {
    const { params = {}, headers = {}, records } = written;
    return { type: "http", url: http, params, headers, records };
  }
  if (topic !== undefined) return { type: "topic", topic, group: written.group ?? group };
  if (store === undefined) return undefined;
  if (query !== undefined) return { type: "query", store, query };
  return table === undefined ? undefined : { type: "table", store, table };
}

function resolveSink(written: WrittenSink | undefined): Sink | undefined {
  if (!written) return undefined;
  const { topic, store, table } = written;
  if (topic !== undefined) {
    return {
      type: "topic",
      topic,
      key: written.key,
      delivery: written.delivery ?? defaults.delivery,
    };
  }
  if (store === undefined || table === undefined) return undefined;
  const uniqueKey = listOf(written.unique_key);
  const mode = written.mode ?? (uniqueKey.length > 0 ? "upsert" : "append");
  return { type: "store", store, table, mode, uniqueKey };
}

function resolveBadRecord(step: WrittenStep): OnBadRecord {
  const topic = badRecordTopic(step);
  if (topic !== undefined) return { action: "topic", topic };
  return { action: step.on_bad_record === "skip" ? "skip" : defaults.onBadRecord };
}

function resolveFunction(written: string): PythonFunction | undefined {
  const found = parseFunction(written);
  return found && { file: normalPath(found.file), function: found.name };
}

/** `./sql/../sql/a.sql` → `sql/a.sql`. */
function normalPath(written: string): string {
  return path.posix.normalize(written);
}
