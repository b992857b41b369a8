import type { Pipeline, Sink, Source, Step } from "../model/pipelines.ts";
import { formatDuration } from "./format.ts";
import type { Style } from "./style.ts";
import { pad, visibleWidth } from "./width.ts";

/** A pipeline as text: its settings, then each step with what it needs and what it does. */
export function renderPipeline(pipeline: Pipeline, style: Style): string {
  const { name, description, steps } = pipeline;
  const width = Math.max(0, ...steps.map(({ id }) => visibleWidth(id)));
  const lines = steps.flatMap((step, index) => {
    const previous = steps[index - 1]?.id;
    return [
      `  ${style.bold(pad(step.id, width))}  ${describeWork(step)}`,
      ...notesOf(step, previous).map((note) => `  ${" ".repeat(width)}  ${style.dim(note)}`),
    ];
  });
  const head = [style.bold(name), ...(description === undefined ? [] : [description])].join(": ");
  return [head, `  ${style.dim(settingsOf(pipeline))}`, "", ...lines, ""].join("\n");
}

function settingsOf(pipeline: Pipeline): string {
  const { schedule, timezone, timeoutMs, maxActiveRuns, params } = pipeline;
  const names = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`);
  return [
    schedule === undefined ? "run by hand" : `schedule ${schedule} (${timezone})`,
    ...(timeoutMs === undefined ? [] : [`timeout ${formatDuration(timeoutMs)}`]),
    `max_active_runs ${maxActiveRuns}`,
    ...(names.length === 0 ? [] : [`params ${names.join(", ")}`]),
  ].join(" · ");
}

/** `http://… → pipelines/orders.py:clean → topic orders`, or what the step runs. */
function describeWork({ work }: Step): string {
  if (work.kind === "move") {
    const { from, transform, to } = work;
    const middle = transform ? [`${transform.file}:${transform.function}`] : [];
    return [describeSource(from), ...middle, describeSink(to)].join(" → ");
  }
  const { run } = work;
  switch (run.type) {
    case "command":
      return `run ${run.command.trim().split("\n").join("; ")}`;
    case "python":
      return `run ${run.file}:${run.function}`;
    case "sql":
      return `run ${run.file} in ${run.store}`;
    case "container": {
      const { from, command } = run;
      const made = from.kind === "image" ? `image ${from.ref}` : `service ${from.service}`;
      return ["run", ...command.map(quoteBlanks), "in a container of", made].join(" ");
    }
  }
}

/** An argument with blanks looks like one argument. */
function quoteBlanks(argument: string): string {
  return /[\s'"]/.test(argument) ? JSON.stringify(argument) : argument;
}

function describeSource(source: Source): string {
  switch (source.type) {
    case "http":
      return source.url;
    case "topic":
      return `topic ${source.topic}`;
    case "table":
      return `${source.store}.${source.table}`;
    case "query":
      return `${source.store}: ${source.query.trim().replaceAll(/\s+/g, " ")}`;
  }
}

function describeSink(sink: Sink): string {
  switch (sink.type) {
    case "topic":
      return `topic ${sink.topic}${sink.key === undefined ? "" : ` by ${sink.key}`}`;
    case "store": {
      const key = sink.uniqueKey.length === 0 ? "" : ` by ${sink.uniqueKey.join(", ")}`;
      return `${sink.store}.${sink.table} (${sink.mode}${key})`;
    }
  }
}

/** What is not as usual: usual is a step that waits for the one above it and is tried once. */
function notesOf(step: Step, previous: string | undefined): string[] {
  const { needs, retries, retryDelayMs, timeoutMs, work } = step;
  const isUsual = needs.length === (previous === undefined ? 0 : 1) && needs[0] === previous;
  const bad = work.kind === "move" ? work.onBadRecord : { action: "fail" as const };
  const notes = [
    ...(isUsual ? [] : [needs.length === 0 ? "starts at once" : `needs ${needs.join(", ")}`]),
    ...(retries === 0 ? [] : [`retries ${retries}, after ${formatDuration(retryDelayMs)}`]),
    ...(timeoutMs === undefined ? [] : [`timeout ${formatDuration(timeoutMs)}`]),
    ...(bad.action === "fail"
      ? []
      : [`bad records ${bad.action === "topic" ? `→ topic ${bad.topic}` : "are skipped"}`]),
  ];
  return notes.length === 0 ? [] : [notes.join(" · ")];
}
