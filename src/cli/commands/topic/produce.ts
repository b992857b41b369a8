import type { ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { DpError, messageOf } from "../../../errors.ts";
import type { Compression } from "../../../kafka/encoder.ts";
import type { NewRecord } from "../../../kafka/record.ts";
import { formatCount, formatDuration, formatSize } from "../../../report/format.ts";
import { setAction, type Host } from "../../context.ts";
import { exitCodes } from "../../exit-codes.ts";
import { parseCountOption, withExamples, withSharedOptions } from "../../options.ts";
import { withStackCluster } from "../../stack-cluster.ts";

interface ProduceOptions {
  readonly key?: string;
  readonly header?: NewRecord["headers"];
  readonly partition?: number;
  readonly compress: Compression;
  readonly acks: "0" | "1" | "all";
}

const acksOf = { "0": 0, "1": 1, all: "all" } as const;

export function topicProduceCommand(host: Host): Command {
  const command = new Command("produce")
    .argument("<topic>", "where to write")
    .argument("[file]", "a value in each line, or with --json a record (default: standard input)")
    .option("-k, --key <key>", "key of every record")
    .option("-H, --header <name=value>", "header of every record; may be repeated", collectHeader)
    .option("-p, --partition <number>", "write all to this partition", parseCountOption(0))
    .addOption(
      new Option("-z, --compress <codec>", "codec of the batches")
        .choices(["none", "gzip"])
        .default("none"),
    )
    .addOption(
      new Option("--acks <acks>", "how many brokers must have a record")
        .choices(["0", "1", "all"])
        .default("all"),
    );
  withSharedOptions(command);
  withExamples(command, [
    ["echo hello | dp topic produce orders", "one record"],
    ["dp topic produce orders orders.jsonl -k eu", "each line of a file, with a key"],
    [
      "dp topic tail a -o start -e --json | dp topic produce b --json",
      "copy, with keys and headers",
    ],
    [`echo '{"key":"k","value":null}' | dp topic produce orders --json`, "a tombstone"],
  ]);
  return setAction<ProduceOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [topic = ""] = [], [file] = []) => {
      const { produceRecords } = await import("../../../kafka/produce.ts");
      const source = file === undefined ? host.stdin : await openFile(file);
      const end = (): void => void source.destroy();
      signal.addEventListener("abort", end, { once: true });
      if (file === undefined && host.stdin.isTTY) {
        const text = "each line is a record; Ctrl-D on an empty line ends";
        report.emit({ type: "note", level: "info", text });
      }
      let written = 0;
      const produced = await withStackCluster(
        { host, shared, signal, emit: report.emit },
        (cluster) =>
          produceRecords({
            cluster,
            topic,
            records: readLines({ source, file, json: shared.json, options, signal }),
            acks: acksOf[options.acks],
            compression: options.compress,
            progress: (counts) => (written = counts.records),
            signal,
          }),
      ).catch((error: unknown) => {
        throw signal.aborted ? interrupted(topic, written) : error;
      });
      if (signal.aborted) throw interrupted(topic, written);
      const { records, bytes, failed, failure = null } = produced;
      const durationMs = Math.round(produced.durationMs);
      const recordsPerSecond = Math.round((records * 1000) / Math.max(1, produced.durationMs));
      const document = { topic, records, bytes, failed, failure, durationMs, recordsPerSecond };
      report.result(document, () => {
        const what = `${formatCount(records, "record")} (${formatSize(bytes)})`;
        const done = `wrote ${what} to ${topic} in ${formatDuration(durationMs)}, ${recordsPerSecond} a second\n`;
        return failed === 0 ? done : `${done}${failed} failed: ${failure}\n`;
      });
      return failed === 0 ? exitCodes.done : exitCodes.failed;
    },
  );
}

async function openFile(file: string): Promise<ReadStream> {
  try {
    return (await open(file)).createReadStream();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string | undefined, error: unknown): DpError {
  return new DpError({
    code: "io-failed",
    message: `can't read ${file ?? "standard input"}`,
    why: messageOf(error),
    cause: error,
  });
}

function interrupted(topic: string, written: number): DpError {
  const message = `interrupted; ${formatCount(written, "record")} written to ${topic}`;
  return new DpError({ code: "interrupted", message });
}

async function* readLines(input: {
  source: AsyncIterable<Buffer>;
  file: string | undefined;
  json: boolean;
  options: ProduceOptions;
  signal: AbortSignal;
}): AsyncGenerator<NewRecord, void, void> {
  const { source, file, json, options, signal } = input;
  const [{ splitLines }, { parseJsonRecord }] = await Promise.all([
    import("../../../kafka/lines.ts"),
    import("../../../kafka/record.ts"),
  ]);
  const key = options.key === undefined ? undefined : Buffer.from(options.key);
  const { header = [], partition } = options;
  try {
    for await (const line of splitLines(source)) {
      if (json && line.length === 0) continue;
      const record: NewRecord = json
        ? parseJsonRecord(line.toString())
        : { key: null, value: line, headers: [] };
      yield {
        ...record,
        key: key ?? record.key,
        headers: [...record.headers, ...header],
        partition,
      };
    }
  } catch (error) {
    if (error instanceof DpError) throw error;
    // The source was ended by the signal, too.
    if (!signal.aborted) throw unreadable(file, error);
  }
}

function collectHeader(text: string, before: NewRecord["headers"] = []): NewRecord["headers"] {
  const at = text.indexOf("=");
  if (at > 0) {
    return [...before, { key: text.slice(0, at), value: Buffer.from(text.slice(at + 1)) }];
  }
  throw new InvalidArgumentError(`write it like ${text.replace(":", "=")}: name=value.`);
}
