import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./context.ts";
import { median, type Row } from "./judge.ts";
import { createStack, type BenchStack } from "./stack.ts";

/** Runs in a row that must all succeed; the warm figure is their median. */
const runsInARow = 20;

const records = 100_000;
const recordBytes = 200;

/** `dp pipeline run` of three trivial steps: warm, after an edit, and without Airflow. */
export const pipeline: Bench = {
  name: "pipeline",
  measure: async ({ runs, signal }) => {
    await using stack = await createStack(trivialSteps(0), signal);
    await stack.run(["up"], { timeoutMs: 180_000 });
    const run = async (...options: string[]): Promise<number> =>
      (await stack.run(["pipeline", "run", "trivial", ...options])).wallMs;
    await run();
    const warm = await repeat(runsInARow, () => run());
    const edited = await repeat(runs, async (turn) => {
      await writePipeline(stack, trivialSteps(turn + 1));
      return run();
    });
    await run("--local");
    const local = await repeat(runs, () => run("--local"));
    const row = (name: string, values: readonly number[], most: number): Row => ({
      name,
      unit: "ms",
      ours: median(values),
      peer: undefined,
      limit: { kind: "absolute", most },
    });
    return [
      row("pipeline-run", warm, 5000),
      row("pipeline-edit-to-result", edited, 8000),
      row("pipeline-run-local", local, 3000),
    ];
  },
};

/** One step that moves a topic into Postgres: records a second, as long as the step took. */
export const load: Bench = {
  name: "load",
  measure: async ({ runs, signal }) => {
    const yaml = "kafka:\nairflow:\nstores: { warehouse: { type: postgres } }\n";
    await using stack = await createStack(`${yaml}${loadSteps("table_0")}`, signal);
    await stack.run(["up"], { timeoutMs: 180_000 });
    const lines = Array.from({ length: records }, (_, id) => {
      const empty = JSON.stringify({ id, note: "" });
      return `${JSON.stringify({ id, note: "x".repeat(recordBytes - empty.length) })}\n`;
    });
    // What lies in data/ is not sent along with the code.
    await mkdir(join(stack.folder, "data"));
    await writeFile(join(stack.folder, "data/notes.jsonl"), lines.join(""));
    await stack.run(["topic", "produce", "notes", "data/notes.jsonl"]);
    const rates = await repeat(runs, async (turn) => {
      // A step of its own name has a position of its own: it begins at the first record.
      await writePipeline(stack, `${yaml}${loadSteps(`table_${turn + 1}`)}`);
      const { stdout } = await stack.run(["pipeline", "run", "load", "--json"]);
      return rateOf(stdout);
    });
    return [
      {
        name: "topic-to-postgres",
        unit: "records/s",
        ours: median(rates),
        peer: undefined,
        limit: { kind: "rate", least: 10_000 },
      },
    ];
  },
};

/** Records a second of the one step of a run, from the last event of `--json`. */
function rateOf(events: string): number {
  const last = JSON.parse(events.trimEnd().split("\n").at(-1) ?? "{}") as {
    readonly steps: readonly { readonly recordsOut: number; readonly durationMs: number }[];
  };
  const [step] = last.steps;
  if (step?.recordsOut !== records) throw new Error(`${step?.recordsOut} of ${records} records`);
  return step.recordsOut / (step.durationMs / 1000);
}

function trivialSteps(turn: number): string {
  const step = (id: string): string => `      ${id}: { run: "echo ${id} ${turn}" }\n`;
  return `airflow:\npipelines:\n  trivial:\n    steps:\n${["one", "two", "three"].map(step).join("")}`;
}

function loadSteps(table: string): string {
  return `topics: { notes: { partitions: 3 } }
pipelines:
  load:
    steps:
      ${table}: { from: "topic:notes", to: { store: warehouse, table: ${table}, unique_key: id } }
`;
}

async function writePipeline({ name, folder }: BenchStack, yaml: string): Promise<void> {
  await writeFile(join(folder, "pipeline.yaml"), `name: ${name}\n${yaml}`);
}

async function repeat(times: number, work: (turn: number) => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < times; turn += 1) values.push(await work(turn));
  return values;
}
