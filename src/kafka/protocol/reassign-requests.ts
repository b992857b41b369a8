import type { ByteReader, ByteWriter } from "./bytes.ts";
import type { Request } from "./request.ts";
import { byTopic, type PartitionAt } from "./read-requests.ts";

/*
 * What moves replicas and leaders. Versions are fixed: each is known to every broker from Kafka 2.4
 * (UnregisterBroker: to every one with KRaft) to 4.x.
 */

export interface PartitionResult extends PartitionAt {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface PartitionsAnswer<Partition> {
  /** Of the request as a whole. */
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly partitions: readonly Partition[];
}

export interface Reassignment extends PartitionAt {
  /** Broker ids, the preferred leader first; null takes a reassignment back that is under way. */
  readonly replicas: readonly number[] | null;
}

/**
 * Version 0, compact, tagged fields after each structure: `timeoutMs INT32, ARRAY(topic STRING,
 * ARRAY(partition INT32, ARRAY(replica INT32) or null)) => throttle INT32, error INT16,
 * message NULLABLE_STRING, ARRAY(topic STRING, ARRAY(partition INT32, error INT16,
 * message NULLABLE_STRING))`
 */
export function alterReassignmentsRequest(
  reassignments: readonly Reassignment[],
  timeoutMs: number,
): Request<PartitionsAnswer<PartitionResult>> {
  return {
    name: "AlterPartitionReassignments",
    apiKey: 45,
    apiVersion: 0,
    flexible: true,
    encode(body) {
      body.int32(timeoutMs);
      body.compactArray(byTopic(reassignments), ([topic, items]) => {
        body.compactString(topic);
        body.compactArray(items, ({ partition, replicas }) => {
          body.int32(partition).compactArray(replicas, (id) => body.int32(id));
          endStructure(body);
        });
        endStructure(body);
      });
      endStructure(body);
    },
    decode: (body) =>
      partitionsAnswer(body, (partition) => ({
        ...partition,
        errorCode: body.int16(),
        errorMessage: body.compactString(),
      })),
  };
}

export interface OngoingReassignment extends PartitionAt {
  /** Those of before, and those that are being added. */
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

/**
 * All reassignments that are under way. Version 0, compact: `timeoutMs INT32, ARRAY(topic STRING,
 * ARRAY(partition INT32)) or null for all => throttle INT32, error INT16, message NULLABLE_STRING,
 * ARRAY(topic STRING, ARRAY(partition INT32, ARRAY(replica INT32), ARRAY(adding INT32),
 * ARRAY(removing INT32)))`
 */
export function listReassignmentsRequest(
  timeoutMs: number,
): Request<PartitionsAnswer<OngoingReassignment>> {
  return {
    name: "ListPartitionReassignments",
    apiKey: 46,
    apiVersion: 0,
    flexible: true,
    encode(body) {
      body.int32(timeoutMs).compactArray(null, () => {});
      endStructure(body);
    },
    decode(body) {
      const ids = (): number[] => body.compactArray(() => body.int32());
      return partitionsAnswer(body, (partition) => ({
        ...partition,
        replicas: ids(),
        adding: ids(),
        removing: ids(),
      }));
    },
  };
}

function endStructure(body: ByteWriter): void {
  body.unsignedVarint(0);
}

/** What both answers have in common; `read` reads one partition but for its number and tagged fields. */
function partitionsAnswer<Partition>(
  body: ByteReader,
  read: (partition: PartitionAt) => Partition,
): PartitionsAnswer<Partition> {
  body.throttle();
  const errorCode = body.int16();
  const errorMessage = body.compactString();
  const topics = body.compactArray(() => {
    const topic = body.compactString() ?? "";
    const partitions = body.compactArray(() => {
      const partition = read({ topic, partition: body.int32() });
      body.skipTaggedFields();
      return partition;
    });
    body.skipTaggedFields();
    return partitions;
  });
  return { errorCode, errorMessage, partitions: topics.flat() };
}

const preferredElection = 0;

/**
 * Makes the first replica of each partition its leader, where it is in sync. `type INT8,
 * ARRAY(topic STRING, ARRAY(partition INT32)), timeoutMs INT32 => throttle INT32, error INT16,
 * ARRAY(topic STRING, ARRAY(partition INT32, error INT16, message NULLABLE_STRING))`
 */
export function electLeadersRequest(
  partitions: readonly PartitionAt[],
  timeoutMs: number,
): Request<PartitionsAnswer<PartitionResult>> {
  return {
    name: "ElectLeaders",
    apiKey: 43,
    apiVersion: 1,
    encode(body) {
      body.int8(preferredElection);
      body.array(byTopic(partitions), ([topic, items]) => {
        body.string(topic).array(items, ({ partition }) => body.int32(partition));
      });
      body.int32(timeoutMs);
    },
    decode(body) {
      body.throttle();
      const errorCode = body.int16();
      const topics = body.array(() => {
        const topic = body.string();
        return body.array(() => ({
          topic,
          partition: body.int32(),
          errorCode: body.int16(),
          errorMessage: body.nullableString(),
        }));
      });
      return { errorCode, errorMessage: null, partitions: topics.flat() };
    },
  };
}

/** KRaft only. Version 0, compact: `broker INT32 => throttle INT32, error INT16, message NULLABLE_STRING` */
export function unregisterBrokerRequest(
  broker: number,
): Request<{ readonly errorCode: number; readonly errorMessage: string | null }> {
  return {
    name: "UnregisterBroker",
    apiKey: 64,
    apiVersion: 0,
    flexible: true,
    encode(body) {
      body.int32(broker);
      endStructure(body);
    },
    decode(body) {
      body.throttle();
      return { errorCode: body.int16(), errorMessage: body.compactString() };
    },
  };
}
