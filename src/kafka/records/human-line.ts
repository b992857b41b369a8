import type { Timestamp } from "../protocol/int64.ts";
import { fieldWriter, timeText, type Presentation, type RecordWriter } from "./fields.ts";

type Paint = (text: string) => string;

export interface HumanLine extends Presentation {
  /** The topic as it is shown, where several are read. */
  readonly nameTopic?: Paint | undefined;
  /** For `partition:offset  time`. */
  readonly dim?: Paint | undefined;
}

/**
 * The line for people: `[topic]  partition:offset  time  key  value`, with `-` for no key and
 * `(tombstone)` for no value.
 */
export function humanWriter(line: HumanLine = {}): RecordWriter {
  const { nameTopic, dim } = line;
  const writeKey = fieldWriter("key", line);
  const writeValue = fieldWriter("value", line);
  let timestamp: Timestamp = -1;
  let time = timeText(timestamp);
  return (record, sink) => {
    if (nameTopic !== undefined) sink.text(`${nameTopic(record.topic)}  `);
    if (record.timestamp !== timestamp) {
      ({ timestamp } = record);
      time = timeText(timestamp);
    }
    if (dim === undefined) {
      sink.integer(record.partition);
      sink.ascii(":");
      sink.integer(record.offset);
      sink.ascii(`  ${time}  `);
    } else {
      sink.ascii(`${dim(`${record.partition}:${record.offset}  ${time}`)}  `);
    }
    if (record.keyLength < 0) sink.ascii("-");
    else writeKey(record, sink);
    sink.ascii("  ");
    if (record.valueLength < 0 && record.problem === undefined) sink.ascii("(tombstone)");
    else writeValue(record, sink);
    sink.ascii("\n");
  };
}
