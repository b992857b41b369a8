import type { Request } from "./request.ts";

/*
 * What a reader asks. Versions are fixed: each is known to every broker from Kafka 2.4 to 4.x, and is
 * the last one before the compact encoding. Grammars: kafka.apache.org/protocol#protocol_messages.
 */

export interface ApiVersionRange {
  readonly apiKey: number;
  readonly min: number;
  readonly max: number;
}

/** `=> error INT16, ARRAY(apiKey INT16, min INT16, max INT16)` */
export function apiVersionsRequest(): Request<{ errorCode: number; apis: ApiVersionRange[] }> {
  return {
    name: "ApiVersions",
    apiKey: 18,
    apiVersion: 0,
    encode() {},
    decode: (body) => ({
      errorCode: body.int16(),
      apis: body.array(() => ({ apiKey: body.int16(), min: body.int16(), max: body.int16() })),
    }),
  };
}

export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly partition: number;
  readonly errorCode: number;
  /** Broker id; -1 when there is none at the moment. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicMetadata {
  readonly name: string;
  readonly errorCode: number;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
}

export interface Metadata {
  readonly brokers: readonly BrokerNode[];
  readonly clusterId: string | null;
  /** -1 when there is none; with KRaft any live broker, which passes requests on. */
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

/**
 * `ARRAY(topic STRING) or null for all, autoCreate BOOLEAN => throttle INT32, ARRAY(id INT32,
 * host STRING, port INT32, rack NULLABLE_STRING), clusterId NULLABLE_STRING, controller INT32,
 * ARRAY(error INT16, topic STRING, internal BOOLEAN, ARRAY(error INT16, partition INT32,
 * leader INT32, ARRAY(replica INT32), ARRAY(inSync INT32), ARRAY(offline INT32)))`
 */
export function metadataRequest(topics: readonly string[] | "all"): Request<Metadata> {
  return {
    name: "Metadata",
    apiKey: 3,
    apiVersion: 5,
    encode(body) {
      if (topics === "all") body.int32(-1);
      else body.array(topics, (topic) => body.string(topic));
      body.boolean(false);
    },
    decode(body) {
      body.throttle();
      const brokers = body.array(() => {
        const node = { id: body.int32(), host: body.string(), port: body.int32() };
        body.nullableString();
        return node;
      });
      const clusterId = body.nullableString();
      const controllerId = body.int32();
      const found = body.array(() => ({
        errorCode: body.int16(),
        name: body.string(),
        internal: body.boolean(),
        partitions: body.array(() => {
          const errorCode = body.int16();
          const partition = body.int32();
          const leader = body.int32();
          const replicas = body.array(() => body.int32());
          const isr = body.array(() => body.int32());
          body.array(() => body.int32());
          return { errorCode, partition, leader, replicas, isr };
        }),
      }));
      return { brokers, clusterId, controllerId, topics: found };
    },
  };
}

/** Special values of a ListOffsets timestamp. */
export const latestOffset = -1;
export const earliestOffset = -2;
/** Where the first transaction that is open begins; the latest offset when none is. */
export const lastStableOffset = "last stable";

/** Which records count: also those of transactions that are open or aborted, or not. */
const isolation = { readUncommitted: 0, readCommitted: 1 };

export interface PartitionAt {
  readonly topic: string;
  readonly partition: number;
}

export interface ListedOffset extends PartitionAt {
  readonly errorCode: number;
  /** -1 when no record has the timestamp or a later one. */
  readonly offset: number;
}

/**
 * `replica INT32, isolation INT8, ARRAY(topic STRING, ARRAY(partition INT32, timestamp INT64)) =>
 * throttle INT32, ARRAY(topic STRING, ARRAY(partition INT32, error INT16, timestamp INT64,
 * offset INT64))`
 */
export function listOffsetsRequest(
  partitions: readonly PartitionAt[],
  at: number | typeof lastStableOffset,
): Request<ListedOffset[]> {
  const isStable = at === lastStableOffset;
  const timestamp = isStable ? latestOffset : at;
  return {
    name: "ListOffsets",
    apiKey: 2,
    apiVersion: 2,
    encode(body) {
      body.int32(-1).int8(isStable ? isolation.readCommitted : isolation.readUncommitted);
      body.array(byTopic(partitions), ([topic, items]) => {
        body.string(topic);
        body.array(items, (item) => body.int32(item.partition).int64(timestamp));
      });
    },
    decode(body) {
      body.throttle();
      return body
        .array(() => {
          const topic = body.string();
          return body.array(() => {
            const partition = body.int32();
            const errorCode = body.int16();
            // The timestamp, of which Kafka knows all 64 bits.
            body.skip(8);
            return { topic, partition, errorCode, offset: body.int64() };
          });
        })
        .flat();
    },
  };
}

export interface FetchPosition extends PartitionAt {
  readonly offset: number;
}

/** Its records lie in the log from `firstOffset` on, up to its producer's control batch. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchedPartition extends PartitionAt {
  readonly errorCode: number;
  /** The end of what may be read: the last stable offset when only committed records count. */
  readonly end: number;
  /** Those of the records; known when only committed records count. */
  readonly aborted: readonly AbortedTransaction[];
  /** The broker to ask instead, which sent no records for that; -1 for none (KIP-392). */
  readonly preferredReplica: number;
  readonly logStart: number;
  /** Record batches, the last one perhaps cut off; a view of the answer's own buffer. */
  readonly records: Buffer;
}

/**
 * `replica INT32, maxWaitMs INT32, minBytes INT32, maxBytes INT32, isolation INT8, session INT32,
 * sessionEpoch INT32 (-1 = none), ARRAY(topic STRING, ARRAY(partition INT32, leaderEpoch INT32,
 * offset INT64, logStart INT64, maxBytes INT32)), ARRAY(forgotten), rack STRING => throttle INT32,
 * error INT16, session INT32, ARRAY(topic STRING, ARRAY(partition INT32, error INT16,
 * highWatermark INT64, lastStable INT64, logStart INT64, ARRAY(producer INT64, firstOffset INT64),
 * preferredReplica INT32, records BYTES))`
 */
export function fetchRequest(options: {
  positions: readonly FetchPosition[];
  maxWaitMs: number;
  maxBytes: number;
  partitionMaxBytes: number;
  readCommitted?: boolean | undefined;
}): Request<FetchedPartition[]> {
  const { readUncommitted, readCommitted } = isolation;
  const level = options.readCommitted === true ? readCommitted : readUncommitted;
  return {
    name: "Fetch",
    apiKey: 1,
    apiVersion: 11,
    encode(body) {
      body.int32(-1).int32(options.maxWaitMs).int32(1).int32(options.maxBytes).int8(level);
      body.int32(0).int32(-1);
      body.array(byTopic(options.positions), ([topic, items]) => {
        body.string(topic);
        body.array(items, (item) => {
          body.int32(item.partition).int32(-1).int64(item.offset).int64(-1);
          body.int32(options.partitionMaxBytes);
        });
      });
      body.int32(0).string("");
    },
    decode(body) {
      body.throttle();
      const errorCode = body.int16();
      body.int32();
      return body
        .array(() => {
          const topic = body.string();
          return body.array(() => {
            const partition = body.int32();
            const ownError = body.int16();
            const highWatermark = body.int64();
            const lastStable = body.int64();
            const logStart = body.int64();
            const aborted = body.array(() => ({
              producerId: body.int64(),
              firstOffset: body.int64(),
            }));
            const preferredReplica = body.int32();
            const records = body.bytes(Math.max(0, body.int32()));
            return {
              topic,
              partition,
              errorCode: errorCode === 0 ? ownError : errorCode,
              end: level === readCommitted ? lastStable : highWatermark,
              aborted,
              preferredReplica,
              logStart,
              records,
            };
          });
        })
        .flat();
    },
  };
}

/** Groups what is about one topic, as requests want it. */
export function byTopic<Item extends PartitionAt>(items: readonly Item[]): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return [...groups];
}
