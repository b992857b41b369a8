import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../src/errors.ts";
import { airflow } from "./airflow.ts";
import type { Bench, BenchContext } from "./context.ts";
import { down } from "./down.ts";
import { help } from "./help.ts";
import { judge, type Row } from "./judge.ts";
import { tail } from "./kafka/first-record.ts";
import { growth } from "./kafka/growth.ts";
import { createLog, type BenchLog } from "./kafka/log.ts";
import { memory } from "./kafka/memory.ts";
import { read } from "./kafka/read.ts";
import { silent } from "./kafka/silent.ts";
import { write } from "./kafka/write.ts";
import { load, pipeline } from "./pipeline.ts";
import { planning } from "./planning.ts";
import { formatTable, toDocument } from "./report.ts";
import { up, upCluster } from "./up.ts";
import { upAgain } from "./up-again.ts";

const benches: readonly Bench[] = [
  up,
  upCluster,
  upAgain,
  down,
  planning,
  help,
  tail,
  read,
  write,
  memory,
  silent,
  growth,
  airflow,
  pipeline,
  load,
];

const options = readOptions();
const runs = Number(options.runs);

function readOptions() {
  const names = benches.map(({ name }) => name);
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        runs: { type: "string", default: "5" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.only.every((name) => names.includes(name)) && /^[1-9]\d*$/.test(values.runs)) {
      return values;
    }
  } catch {
    // What is wrong shows beside what would be right.
  }
  console.error(`bench: [--only ${names.join("|")}]… [--runs N] [--json]`);
  process.exit(2);
}

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => interrupted.abort(new Error("interrupted")));
}
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dp-bench");
await mkdir(cache, { recursive: true });
const empty = join(cache, "empty.mjs");
await writeFile(empty, "");
const note = (text: string): void => console.error(`bench: ${text}`);
let log: Promise<BenchLog> | undefined;
const context: BenchContext = {
  runs,
  cluster: () => (log ??= createLog({ signal: interrupted.signal, note })),
  signal: interrupted.signal,
  cache,
  emptyScript: [process.execPath, empty],
  note,
};

const rows: Row[] = [];
for (const bench of benches) {
  if (interrupted.signal.aborted) break;
  if (options.only.length > 0 && !options.only.includes(bench.name)) continue;
  context.note(bench.name);
  rows.push(...(await measure(bench)));
}
await (await log?.catch(() => undefined))?.[Symbol.asyncDispose]();
console.log(
  options.json ? JSON.stringify(toDocument(rows), undefined, 2) : formatTable(rows).trimEnd(),
);
const failed = rows.some((row) => ["over", "failed"].includes(judge(row)));
process.exit(interrupted.signal.aborted ? 130 : failed ? 1 : 0);

/** A bench that can't be run to its end is a row that failed. */
async function measure(bench: Bench): Promise<readonly Row[]> {
  try {
    return await bench.measure(context);
  } catch (thrown) {
    for (const cause of causesOf(thrown)) context.note(`${bench.name}: ${messageOf(cause)}`);
    return [
      { name: bench.name, unit: "ms", ours: undefined, peer: undefined, limit: { kind: "none" } },
    ];
  }
}

/** A failure in the cleaning up comes with the one before it. */
function causesOf(thrown: unknown): unknown[] {
  if (!(thrown instanceof Error) || !("suppressed" in thrown)) return [thrown];
  const { suppressed, error } = thrown as Error & { suppressed: unknown; error: unknown };
  return [...causesOf(suppressed), ...causesOf(error)];
}
