import type { Pipeline, RunWork, Sink, Source, Step } from "../../../model/pipelines.ts";
import { formatPath, type Path } from "../../../stack/path.ts";
import type { FromVariables } from "../../../model/settings.ts";

/** The text of a value, or what is written in the file when a variable gave it. */
type Show = <T>(path: Path, value: T) => T | string;

/** A pipeline as it may be printed: texts that came from variables read as they were written. */
export function toShownPipeline(pipeline: Pipeline, fromVariables: FromVariables): Pipeline {
  const show: Show = (path, value) =>
    fromVariables.get(formatPath(["pipelines", pipeline.name, ...path])) ?? value;
  return {
    ...pipeline,
    description: show(["description"], pipeline.description),
    params: showEntries(show, ["params"], pipeline.params),
    steps: pipeline.steps.map((step) => shownStep(step, show)),
  };
}

function shownStep(step: Step, show: Show): Step {
  const { id, work } = step;
  const place = ["steps", id];
  const environment = showEntries(show, [...place, "environment"], step.environment);
  if (work.kind === "run") {
    return { ...step, environment, work: { ...work, run: shownRun(work.run, place, show) } };
  }
  const from = shownSource(work.from, [...place, "from"], show);
  const to = shownSink(work.to, [...place, "to"], show);
  return { ...step, environment, work: { ...work, from, to } };
}

function shownRun(run: RunWork["run"], place: Path, show: Show): RunWork["run"] {
  switch (run.type) {
    case "command":
      return { ...run, command: show([...place, "run"], run.command) };
    case "container": {
      const at = [...place, "run", "command"];
      // A string is one value in the file, a list one for each argument.
      const whole = show<readonly string[]>(at, run.command);
      const command =
        typeof whole === "string"
          ? [whole]
          : run.command.map((argument, index) => show([...at, index], argument));
      return { ...run, command };
    }
    case "python":
    case "sql":
      return run;
  }
}

function shownSource(source: Source, place: Path, show: Show): Source {
  switch (source.type) {
    case "http":
      return {
        ...source,
        // In the short form the URL is all that is written.
        url: show([...place, "http"], show(place, source.url)),
        params: showEntries(show, [...place, "params"], source.params),
        headers: showEntries(show, [...place, "headers"], source.headers),
      };
    case "query":
      return { ...source, query: show([...place, "query"], source.query) };
    case "table":
      return { ...source, table: show([...place, "table"], source.table) };
    case "topic":
      return { ...source, topic: show([...place, "topic"], source.topic) };
  }
}

function shownSink(sink: Sink, place: Path, show: Show): Sink {
  if (sink.type === "topic") return { ...sink, topic: show([...place, "topic"], sink.topic) };
  return { ...sink, table: show([...place, "table"], sink.table) };
}

function showEntries<T>(
  show: Show,
  place: Path,
  values: Readonly<Record<string, T>>,
): Record<string, T | string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, show([...place, key], value)]),
  );
}
