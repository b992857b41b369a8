import { Command, InvalidArgumentError } from "commander";
import { DpError } from "../../../errors.ts";
import type { Cluster } from "../../../kafka/cluster.ts";
import type { RecordWriter } from "../../../kafka/format.ts";
import type { Start } from "../../../kafka/offsets.ts";
import type { ReadPlan } from "../../../kafka/reader.ts";
import type { StoredRecord } from "../../../kafka/stored-record.ts";
import type { Report } from "../../../report/choose.ts";
import { setAction, type Host } from "../../context.ts";
import { exitCodeForSignal, exitCodes } from "../../exit-codes.ts";
import { parseCountOption, withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

interface TailOptions {
  readonly lines?: number;
  readonly count?: number;
  readonly end?: boolean;
  readonly offset?: string;
  readonly partitions?: readonly number[];
  readonly format?: string;
}

const defaultLines = 10;
const pieceBytes = 256 * 1024;

export function topicTailCommand(host: Host): Command {
  const command = new Command("tail")
    .argument("<topic...>")
    .option(
      "-n, --lines <count>",
      "begin with the last so many of the topics, merged by time (default: 10)",
      parseCountOption(0),
    )
    .option("-c, --count <count>", "stop after so many", parseCountOption(1))
    .option("-e, --end", "stop at the end as it is now")
    .option(
      "-o, --offset <offset>",
      "begin at start, end, offset N, +N from the start, -N from the end, or @TIME (@-1h, @2026-11-22T10:00)",
    )
    .option("-p, --partitions <list>", "only these, e.g. 0,2", parsePartitions)
    .option(
      "--format <format>",
      "%t topic, %p partition, %o offset, %T ms, %D time, %k key, %v value, %h headers, \\n end of line",
    );
  withSharedOptions(command);
  withExamples(command, [
    ["dp topic tail orders", "the last 10 records, then follow"],
    ["dp topic tail orders -o start -e", "all of it"],
    ["dp topic tail orders -o @-1h -e --json", "the last hour, a JSON object a line"],
    ["dp topic tail orders payments -n 0", "only what comes, of two topics"],
    ["dp topic tail orders --format '%p %o %k %v\\n'", "fields of your choice"],
  ]);
  return setAction<TailOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, topics = []) => {
      const { output } = report;
      output.watchReader();
      const stop = AbortSignal.any([signal, output.closed]);
      const start = await parseRange(options);
      const write = await chooseWriter({
        report,
        json: shared.json,
        format: options.format,
        topics,
      });
      const request = { topics: [...new Set(topics)], options, start };
      try {
        await withStackCluster({ host, shared, signal: stop }, (cluster) =>
          tail({ ...request, cluster, stop, report, write }),
        );
      } catch (error) {
        if (!stop.aborted) throw error;
      }
      if (signal.aborted) return exitCodeForSignal(host.interruptedBy() ?? "SIGINT");
      return exitCodes.done;
    },
  );
}

async function tail(input: {
  cluster: Cluster;
  topics: readonly string[];
  options: TailOptions;
  start: Start | undefined;
  stop: AbortSignal;
  report: Report;
  write: (records: readonly StoredRecord[]) => Promise<void>;
}): Promise<void> {
  const { cluster, topics, options, start, stop, report, write } = input;
  const [{ rangesOf, startsOf }, { readRecords }, { lastRecords }] = await Promise.all([
    import("../../../kafka/log-ranges.ts"),
    import("../../../kafka/reader.ts"),
    import("../../../kafka/last-records.ts"),
  ]);
  const note = (text: string): void => report.emit({ type: "note", level: "warning", text });
  const ranges = await rangesOf({ cluster, topics, partitions: options.partitions, signal: stop });
  let left = options.count ?? Number.POSITIVE_INFINITY;
  const give = async (records: readonly StoredRecord[]): Promise<void> => {
    await write(records.length > left ? records.slice(0, left) : records);
    left -= Math.min(left, records.length);
  };

  let plan: ReadPlan[];
  if (start === undefined) {
    const count = options.lines ?? defaultLines;
    await give(await lastRecords({ cluster, ranges, count, signal: stop, note }));
    plan = options.end === true ? [] : ranges.map((range) => ({ ...range, from: range.end }));
  } else {
    const starts = await startsOf(cluster, ranges, start);
    plan = ranges.map((range, index) => ({
      ...range,
      from: starts[index] ?? range.end,
      until: options.end === true ? range.end : undefined,
    }));
  }
  if (left <= 0 || plan.length === 0) return;
  for await (const batch of readRecords({ cluster, plan, signal: stop, note })) {
    await give(batch);
    if (left <= 0 || stop.aborted) return;
  }
}

async function parseRange({ lines, offset }: TailOptions): Promise<Start | undefined> {
  if (offset === undefined) return undefined;
  if (lines !== undefined) {
    throw new DpError({
      code: "usage",
      message: "-n and -o can't be used together",
      why: "-n N starts N records before the end of the topic, -o somewhere else",
      next: "-o -N starts N before the end of each partition",
    });
  }
  const { parseStart } = await import("../../../kafka/offsets.ts");
  return parseStart(offset, Date.now());
}

/** Gathers what records read as and hands it to the output, waiting where the reader is slow. */
async function chooseWriter(options: {
  report: Report;
  json: boolean;
  format: string | undefined;
  topics: readonly string[];
}): Promise<(records: readonly StoredRecord[]) => Promise<void>> {
  const { report, json, format, topics } = options;
  const [{ ByteSink }, { compileFormat, humanWriter }, { jsonLineWriter }] = await Promise.all([
    import("../../../kafka/byte-sink.ts"),
    import("../../../kafka/format.ts"),
    import("../../../kafka/record.ts"),
  ]);
  const { cyan, green, yellow, red } = report.style;
  const paints = [cyan, green, yellow, red];
  const paint = (topic: string): string =>
    (paints[topics.indexOf(topic) % paints.length] ?? cyan)(topic);
  let writer: RecordWriter = humanWriter(topics.length > 1 ? paint : undefined);
  if (json) writer = jsonLineWriter();
  if (format !== undefined) writer = compileFormat(format);
  const sink = new ByteSink();
  return async (records) => {
    for (const record of records) {
      writer(record, sink);
      if (sink.size >= pieceBytes) await report.output.write(sink.take());
    }
    if (sink.size > 0) await report.output.write(sink.take());
  };
}

function parsePartitions(text: string): number[] {
  const partitions = text.split(",").map((part) => part.trim());
  if (partitions.every((part) => /^\d{1,9}$/.test(part))) return partitions.map(Number);
  throw new InvalidArgumentError("write partitions like 0,2.");
}
