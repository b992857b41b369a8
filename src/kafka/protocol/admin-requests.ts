import type { ByteReader } from "./bytes.ts";
import type { Request } from "./request.ts";
import type { PartitionAt } from "./read-requests.ts";

/*
 * What an administrator asks. Versions are fixed: each is known to every broker from Kafka 2.4 to 4.x,
 * and is the last one before the compact encoding unless said.
 */

export interface NamedResult {
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface NewTopic {
  readonly name: string;
  /** -1 is the broker's default, also for `replication`. */
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

/**
 * `ARRAY(topic STRING, partitions INT32, replication INT16, ARRAY(assignment), ARRAY(key STRING,
 * value STRING)), timeoutMs INT32, validateOnly BOOLEAN => throttle INT32, ARRAY(topic STRING,
 * error INT16, message NULLABLE_STRING)`
 */
export function createTopicsRequest(
  topics: readonly NewTopic[],
  options: { readonly timeoutMs: number; readonly validateOnly: boolean },
): Request<NamedResult[]> {
  return {
    name: "CreateTopics",
    apiKey: 19,
    apiVersion: 4,
    encode(body) {
      body.array(topics, (topic) => {
        body.string(topic.name).int32(topic.partitions).int16(topic.replication).int32(0);
        body.array(Object.entries(topic.config), ([key, value]) => body.string(key).string(value));
      });
      body.int32(options.timeoutMs).boolean(options.validateOnly);
    },
    decode: readResults,
  };
}

function readResults(body: ByteReader): NamedResult[] {
  body.throttle();
  return body.array(() => ({
    name: body.string(),
    errorCode: body.int16(),
    errorMessage: body.nullableString(),
  }));
}

/** `ARRAY(topic STRING), timeoutMs INT32 => throttle INT32, ARRAY(topic STRING, error INT16)` */
export function deleteTopicsRequest(
  topics: readonly string[],
  timeoutMs: number,
): Request<NamedResult[]> {
  return {
    name: "DeleteTopics",
    apiKey: 20,
    apiVersion: 1,
    encode: (body) => body.array(topics, (topic) => body.string(topic)).int32(timeoutMs),
    decode(body) {
      body.throttle();
      return body.array(() => ({
        name: body.string(),
        errorCode: body.int16(),
        errorMessage: null,
      }));
    },
  };
}

/**
 * `ARRAY(topic STRING, partitions INT32 (in all), ARRAY(assignment) or null), timeoutMs INT32,
 * validateOnly BOOLEAN => throttle INT32, ARRAY(topic STRING, error INT16, message NULLABLE_STRING)`
 */
export function createPartitionsRequest(
  topic: string,
  options: {
    readonly partitions: number;
    readonly timeoutMs: number;
    readonly validateOnly: boolean;
  },
): Request<NamedResult[]> {
  return {
    name: "CreatePartitions",
    apiKey: 37,
    apiVersion: 1,
    encode(body) {
      body.int32(1).string(topic).int32(options.partitions).int32(-1);
      body.int32(options.timeoutMs).boolean(options.validateOnly);
    },
    decode: readResults,
  };
}

export interface TrimPoint extends PartitionAt {
  /** What is before this offset goes. */
  readonly before: number;
}

export interface TrimmedPartition extends PartitionAt {
  readonly errorCode: number;
  /** The first offset that is left. */
  readonly logStart: number;
}

/**
 * Asked of the partitions' leader. `ARRAY(topic STRING, ARRAY(partition INT32, offset INT64)),
 * timeoutMs INT32 => throttle INT32, ARRAY(topic STRING, ARRAY(partition INT32, lowWatermark INT64,
 * error INT16))`
 */
export function deleteRecordsRequest(
  points: readonly TrimPoint[],
  timeoutMs: number,
): Request<TrimmedPartition[]> {
  return {
    name: "DeleteRecords",
    apiKey: 21,
    apiVersion: 1,
    encode(body) {
      body.array(points, ({ topic, partition, before }) => {
        body.string(topic).int32(1).int32(partition).int64(before);
      });
      body.int32(timeoutMs);
    },
    decode(body) {
      body.throttle();
      return body
        .array(() => {
          const topic = body.string();
          return body.array(() => {
            const partition = body.int32();
            const logStart = body.int64();
            return { topic, partition, logStart, errorCode: body.int16() };
          });
        })
        .flat();
    },
  };
}

export interface PartitionSize {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: number;
}

/**
 * `ARRAY(topic STRING, ARRAY(partition INT32)) => throttle INT32, ARRAY(error INT16, dir STRING,
 * ARRAY(topic STRING, ARRAY(partition INT32, size INT64, lag INT64, future BOOLEAN)))`
 */
export function describeLogDirsRequest(
  topics: readonly { readonly name: string; readonly partitions: readonly number[] }[],
): Request<PartitionSize[]> {
  return {
    name: "DescribeLogDirs",
    apiKey: 35,
    apiVersion: 1,
    encode: (body) =>
      body.array(topics, (topic) =>
        body.string(topic.name).array(topic.partitions, (partition) => body.int32(partition)),
      ),
    decode(body) {
      body.throttle();
      const dirs = body.array(() => {
        body.int16();
        body.string();
        return body.array(() => {
          const topic = body.string();
          return body.array(() => {
            const partition = body.int32();
            const bytes = body.int64();
            body.int64();
            body.boolean();
            return { topic, partition, bytes };
          });
        });
      });
      return dirs.flat(2);
    },
  };
}
