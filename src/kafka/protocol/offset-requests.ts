import type { ByteReader } from "./bytes.ts";
import type { Request } from "./request.ts";
import { byTopic, type PartitionAt } from "./read-requests.ts";

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
      body.throttle();
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

export interface OffsetToCommit extends PartitionAt {
  readonly offset: number;
}

export interface PartitionResult extends PartitionAt {
  readonly errorCode: number;
}

const noGeneration = -1;

/**
 * Sets offsets as an administrator does, from outside: brokers take it only while the group has no
 * members. `group STRING, generation INT32, member STRING, instance NULLABLE_STRING,
 * ARRAY(topic STRING, ARRAY(partition INT32, offset INT64, leaderEpoch INT32,
 * metadata NULLABLE_STRING)) => throttle INT32, ARRAY(topic STRING, ARRAY(partition INT32,
 * error INT16))`
 */
export function offsetCommitRequest(
  group: string,
  offsets: readonly OffsetToCommit[],
): Request<PartitionResult[]> {
  return {
    name: "OffsetCommit",
    apiKey: 8,
    apiVersion: 7,
    encode(body) {
      body.string(group).int32(noGeneration).string("").string(null);
      body.array(byTopic(offsets), ([topic, items]) => {
        body.string(topic);
        body.array(items, ({ partition, offset }) =>
          body.int32(partition).int64(offset).int32(-1).string(""),
        );
      });
    },
    decode(body) {
      body.throttle();
      return partitionResults(body);
    },
  };
}

export interface OffsetDeletion {
  readonly errorCode: number;
  readonly partitions: readonly PartitionResult[];
}

/**
 * `group STRING, ARRAY(topic STRING, ARRAY(partition INT32)) => error INT16, throttle INT32,
 * ARRAY(topic STRING, ARRAY(partition INT32, error INT16))`
 */
export function offsetDeleteRequest(
  group: string,
  partitions: readonly PartitionAt[],
): Request<OffsetDeletion> {
  return {
    name: "OffsetDelete",
    apiKey: 47,
    apiVersion: 0,
    encode(body) {
      body.string(group);
      body.array(byTopic(partitions), ([topic, items]) => {
        body.string(topic);
        body.array(items, ({ partition }) => body.int32(partition));
      });
    },
    decode(body) {
      const errorCode = body.int16();
      body.throttle();
      return { errorCode, partitions: partitionResults(body) };
    },
  };
}

function partitionResults(body: ByteReader): PartitionResult[] {
  return body
    .array(() => {
      const topic = body.string();
      return body.array(() => ({ topic, partition: body.int32(), errorCode: body.int16() }));
    })
    .flat();
}
