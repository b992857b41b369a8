import { ByteSink } from "../../../kafka/records/byte-sink.ts";
import type { Decoding } from "../../../kafka/records/decoding.ts";
import type { Presentation, RecordWriter } from "../../../kafka/records/fields.ts";
import { humanWriter } from "../../../kafka/records/human-line.ts";
import { jsonLineWriter } from "../../../kafka/records/json-line.ts";
import type { StoredRecord } from "../../../kafka/records/stored-record.ts";
import type { Report } from "../../../report/choose.ts";
import type { Emit } from "../../../model/events.ts";

export type WriteRecords = (records: readonly StoredRecord[]) => Promise<void>;

const pieceBytes = 256 * 1024;

/**
 * How records become output: JSON lines, a format, or lines for people. Throws DpError `usage` for a format
 * that is none, before anything is read; what is returned takes the topics that are read.
 */
export async function chooseWriter(options: {
  readonly report: Report;
  readonly json: boolean;
  readonly format: string | undefined;
  readonly decoding: Decoding | undefined;
}): Promise<(topics: readonly string[]) => WriteRecords> {
  const { report, json, format, decoding } = options;
  const visible = report.columns !== undefined;
  const presentation: Presentation = { decoding, visible, onUndecodable: tellOnce(report.emit) };
  const writerFor = await loadWriter({ report, json, format, presentation });
  return (topics) => {
    const write = writerFor(topics);
    const sink = new ByteSink();
    const send = (): Promise<void> | undefined => {
      const room = report.output.write(sink.collected());
      // What still waits to be written keeps its memory.
      if (report.output.isEmpty()) sink.clear();
      else sink.take();
      return room;
    };
    return async (records) => {
      for (const record of records) {
        write(record, sink);
        if (sink.size >= pieceBytes) await send();
      }
      if (sink.size > 0) await send();
    };
  };
}

async function loadWriter(options: {
  readonly report: Report;
  readonly json: boolean;
  readonly format: string | undefined;
  readonly presentation: Presentation;
}): Promise<(topics: readonly string[]) => RecordWriter> {
  const { report, json, format, presentation } = options;
  if (format !== undefined) {
    const { compileFormat } = await import("../../../kafka/records/format.ts");
    const writer = compileFormat(format, presentation);
    return () => writer;
  }
  if (json) {
    const writer = jsonLineWriter(presentation);
    return () => writer;
  }
  const { dim } = report.style;
  const isColoured = dim(".") !== ".";
  return (topics) =>
    humanWriter({
      ...presentation,
      nameTopic: topics.length > 1 ? topicNames(topics, report) : undefined,
      dim: isColoured ? dim : undefined,
    });
}

/** A colour for each topic; on a terminal all as wide as the longest. */
function topicNames(
  topics: readonly string[],
  { style, columns }: Report,
): (topic: string) => string {
  const { cyan, green, yellow, red } = style;
  const paints = [cyan, green, yellow, red];
  const width = columns === undefined ? 0 : Math.max(...topics.map((topic) => topic.length));
  const names = new Map(
    topics.map((topic, index) => {
      const paint = paints[index % paints.length] ?? cyan;
      return [topic, paint(topic) + " ".repeat(Math.max(0, width - topic.length))];
    }),
  );
  return (topic) => names.get(topic) ?? topic;
}

/** Of many records of the same kind one is enough. */
function tellOnce(emit: Emit): Presentation["onUndecodable"] {
  const told = new Set<string>();
  return ({ topic, partition, offset }, { field, decoder: { name } }) => {
    const what = `${topic}'s ${field} is not ${name}`;
    if (told.has(what)) return;
    told.add(what);
    const text = `${what} (first at partition ${partition}, offset ${offset}); it is shown as it is`;
    emit({ type: "note", level: "warning", text });
  };
}
