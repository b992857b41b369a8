import { Command, Option } from "commander";
import { DpError } from "../../../errors.ts";
import { compressions } from "../../../kafka/records/codecs.ts";
import { formatCount } from "../../../report/format.ts";
import { setAction, type CommandHost } from "../../../cli/invocation.ts";
import { withExamples } from "../../../cli/command-help.ts";
import { parseCountOption, partitionNumbers, withClusterOptions } from "../../../cli/options.ts";
import {
  checkProduceOptions,
  collectHeader,
  parseDelimiter,
  parseRate,
  type ProduceOptions,
} from "./options.ts";
import { withCluster } from "../../../app/cluster/with-cluster.ts";

const acksOf = { "0": 0, "1": 1, all: "all" } as const;
/** After Ctrl-C the answers that are under way are waited for, so that the count is true. */
const graceMs = 2000;

export function topicProduceCommand(host: CommandHost): Command {
  const command = new Command("produce")
    .description(
      'Each line of the input becomes one record, with the line as its value. With `--json`, each line is a record as `dp topic tail --json` prints it. With acks "all", retries neither lose nor duplicate records. With "0" or "1", a broker failure may do both.',
    )
    .argument("<topic>", "Topic to write to")
    .argument("[files...]", "Files to read, or `-` for standard input (default: standard input)")
    .option("-k, --key <key>", "Key of all records")
    .option(
      "-K, --key-delimiter <text>",
      "Separator between key and value; lines without it have no key",
      parseDelimiter,
    )
    .option(
      "-D, --delimiter <text>",
      "Separator between records, e.g. `';'` or `'\\0'` (default: LF or CRLF)",
      parseDelimiter,
    )
    .option("-H, --header <name=value>", "Header of all records (repeatable)", collectHeader)
    .option("-Z, --tombstone", "Write empty values as null")
    .option(
      "-p, --partition <number>",
      "Partition of all records (default: chosen by key)",
      parseCountOption(partitionNumbers),
    )
    .option(
      "--rate <number>",
      "Maximum number of records per second, e.g. `100` or `0.5`",
      parseRate,
    )
    .addOption(
      new Option("-z, --compress <codec>", "Compression codec")
        .choices(compressions)
        .default("none"),
    )
    .addOption(
      new Option("--acks <acks>", "Required acknowledgments")
        .choices(["0", "1", "all"])
        .default("all"),
    );
  withClusterOptions(command);
  withExamples(command, [
    ["echo hello | dp topic produce orders", "Write one record"],
    [
      "dp topic produce orders orders.txt -K : -z lz4",
      "Write lines such as eu:17 as key and value",
    ],
    ["dp topic produce orders a.txt b.txt --rate 100", "Write two files, 100 records per second"],
    [
      "dp topic tail a -o start -e --json | dp topic produce b --json",
      "Copy a topic with keys, headers, and timestamps",
    ],
    [`echo '{"key":"k","value":null}' | dp topic produce orders --json`, "Write a tombstone"],
  ]);
  return setAction<ProduceOptions>(
    command,
    host,
    async ({ shared, options, report, signal }, [topic = ""] = [], files = []) => {
      checkProduceOptions(options, shared.json);
      const [{ produceRecords }, { openInput }, { pace }, { createProduceProgress }, summary] =
        await Promise.all([
          import("../../../kafka/produce/produce.ts"),
          import("./input.ts"),
          import("./pace.ts"),
          import("./progress.ts"),
          import("./summary.ts"),
        ]);
      const input = openInput({ files, stdin: host.stdin, json: shared.json, options });
      if (host.stdin.isTTY && (files.length === 0 || files.includes("-"))) {
        const text = "each line is a record; Ctrl-D on an empty line ends";
        report.emit({ type: "note", level: "info", text });
      }
      const { rate } = options;
      const records =
        rate === undefined ? input.records() : pace(input.records(), { perSecond: rate, signal });
      const atOnce = new AbortController();
      let written = 0;
      let started = false;
      const onSignal = (): void => {
        input.end();
        setTimeout(() => atOnce.abort(), started ? graceMs : 0).unref();
      };
      signal.addEventListener("abort", onSignal, { once: true });
      const tell = createProduceProgress(report.emit, topic);
      const produced = await withCluster(
        { host, shared, signal: atOnce.signal, emit: report.emit },
        (cluster) => {
          started = true;
          return produceRecords({
            cluster,
            topic,
            records,
            mayBeOld: shared.json,
            acks: acksOf[options.acks],
            compression: options.compress,
            progress: (counts) => tell((written = counts.records)),
            note: (text) => report.emit({ type: "note", level: "warning", text }),
            signal: atOnce.signal,
            stop: signal,
          });
        },
      )
        .finally(() => input.end())
        .catch((error: unknown) => {
          throw signal.aborted
            ? interrupted(topic, `at least ${formatCount(written, "record")}`)
            : withWritten(error, { topic, written });
        });
      if (signal.aborted) throw interrupted(topic, formatCount(produced.records, "record"));
      if (produced.expired > 0) {
        const records = formatCount(produced.expired, "record");
        const text = `${topic}: the brokers will soon delete ${records}, older than retention.ms`;
        report.emit({ type: "note", level: "warning", text });
      }
      const outcome = { topic, produced, input };
      const document = summary.produceDocument(outcome);
      report.result(document, () => summary.produceText(document, options.acks));
      const failure = summary.produceFailure(outcome);
      if (failure !== undefined) throw failure;
    },
  );
}

/** An input that fails in its middle does not take back what was written of it. */
function withWritten(
  error: unknown,
  { topic, written }: { readonly topic: string; readonly written: number },
): unknown {
  if (!(error instanceof DpError) || error.code !== "io-failed" || written === 0) return error;
  const { code, message, why, next } = error;
  const evidence = [
    ...error.evidence,
    `${formatCount(written, "record")} written to ${topic} before`,
  ];
  return new DpError({ code, message, why, evidence, next, cause: error });
}

function interrupted(topic: string, written: string): DpError {
  return new DpError({
    code: "interrupted",
    message: `interrupted; ${written} written to ${topic}`,
  });
}
