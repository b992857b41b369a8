import type { Request } from "./connection.ts";

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
  timeoutMs: number,
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
      body.int32(timeoutMs).boolean(false);
    },
    decode(body) {
      body.int32();
      return body.array(() => ({
        name: body.string(),
        errorCode: body.int16(),
        errorMessage: body.nullableString(),
      }));
    },
  };
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
      body.int32();
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
  options: { readonly partitions: number; readonly timeoutMs: number },
): Request<NamedResult[]> {
  return {
    name: "CreatePartitions",
    apiKey: 37,
    apiVersion: 1,
    encode(body) {
      body.int32(1).string(topic).int32(options.partitions).int32(-1);
      body.int32(options.timeoutMs).boolean(false);
    },
    decode(body) {
      body.int32();
      return body.array(() => ({
        name: body.string(),
        errorCode: body.int16(),
        errorMessage: body.nullableString(),
      }));
    },
  };
}

const topicResource = 2;
const setOperation = 0;

export interface ConfigEntry {
  readonly key: string;
  /** null when it is a secret. */
  readonly value: string | null;
  /** 1 = set on the topic itself, others come from the broker or Kafka. */
  readonly source: number;
}

/**
 * `ARRAY(type INT8, name STRING, ARRAY(key STRING) or null), synonyms BOOLEAN => throttle INT32,
 * ARRAY(error INT16, message NULLABLE_STRING, type INT8, name STRING, ARRAY(key STRING,
 * value NULLABLE_STRING, readOnly BOOLEAN, source INT8, sensitive BOOLEAN, ARRAY(key STRING,
 * value NULLABLE_STRING, source INT8)))`
 */
export function describeTopicConfigsRequest(
  topics: readonly string[],
): Request<(NamedResult & { readonly entries: readonly ConfigEntry[] })[]> {
  return {
    name: "DescribeConfigs",
    apiKey: 32,
    apiVersion: 2,
    encode(body) {
      body.array(topics, (topic) => body.int8(topicResource).string(topic).int32(-1));
      body.boolean(false);
    },
    decode(body) {
      body.int32();
      return body.array(() => {
        const errorCode = body.int16();
        const errorMessage = body.nullableString();
        body.int8();
        const name = body.string();
        const entries = body.array(() => {
          const key = body.string();
          const value = body.nullableString();
          body.boolean();
          const source = body.int8();
          body.boolean();
          body.array(() => [body.string(), body.nullableString(), body.int8()]);
          return { key, value, source };
        });
        return { name, errorCode, errorMessage, entries };
      });
    },
  };
}

/**
 * Sets one key of a topic and leaves the others as they are.
 * `ARRAY(type INT8, name STRING, ARRAY(key STRING, operation INT8, value NULLABLE_STRING)),
 * validateOnly BOOLEAN => throttle INT32, ARRAY(error INT16, message NULLABLE_STRING, type INT8,
 * name STRING)`
 */
export function setTopicConfigRequest(
  topic: string,
  entry: { readonly key: string; readonly value: string },
): Request<NamedResult[]> {
  return {
    name: "IncrementalAlterConfigs",
    apiKey: 44,
    apiVersion: 0,
    encode(body) {
      body.int32(1).int8(topicResource).string(topic);
      body.int32(1).string(entry.key).int8(setOperation).string(entry.value);
      body.boolean(false);
    },
    decode(body) {
      body.int32();
      return body.array(() => {
        const errorCode = body.int16();
        const errorMessage = body.nullableString();
        body.int8();
        return { name: body.string(), errorCode, errorMessage };
      });
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
      body.int32();
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
