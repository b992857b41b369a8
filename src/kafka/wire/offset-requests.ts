import type { Request } from "./connection.ts";
import type { PartitionAt } from "./read-requests.ts";

export interface CommittedOffset extends PartitionAt {
  readonly errorCode: number;
  /** -1 where the group has committed none. */
  readonly offset: number;
}

export interface CommittedOffsets {
  readonly errorCode: number;
  readonly offsets: readonly CommittedOffset[];
}

/**
 * All offsets of a group: `group STRING, ARRAY(topic STRING, ARRAY(partition INT32)) or null for all =>
 * throttle INT32, ARRAY(topic STRING, ARRAY(partition INT32, offset INT64, leaderEpoch INT32,
 * metadata NULLABLE_STRING, error INT16)), error INT16`
 */
export function offsetFetchRequest(group: string): Request<CommittedOffsets> {
  return {
    name: "OffsetFetch",
    apiKey: 9,
    apiVersion: 5,
    encode: (body) => body.string(group).int32(-1),
    decode(body) {
      body.int32();
      const offsets = body
        .array(() => {
          const topic = body.string();
          return body.array(() => {
            const partition = body.int32();
            const offset = body.int64();
            body.int32();
            body.nullableString();
            return { topic, partition, offset, errorCode: body.int16() };
          });
        })
        .flat();
      return { errorCode: body.int16(), offsets };
    },
  };
}
