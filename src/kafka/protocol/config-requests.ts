import type { NamedResult } from "./admin-requests.ts";
import type { Request } from "./request.ts";

/*
 * What is asked of topic configs. Versions are fixed: each is known to every broker from Kafka 2.4 to
 * 4.x, and is the last one before the compact encoding.
 */

const topicResource = 2;
const operations = { set: 0, delete: 1 } as const;

export interface ConfigEntry {
  readonly key: string;
  /** null when it is a secret. */
  readonly value: string | null;
  readonly source: ConfigSource;
}

/** Where a value comes from: the topic itself, its brokers, or Kafka. */
export type ConfigSource = "topic" | "broker" | "default";

export interface DescribedConfigs extends NamedResult {
  readonly entries: readonly ConfigEntry[];
}

/**
 * `ARRAY(type INT8, name STRING, ARRAY(key STRING) or null), synonyms BOOLEAN => throttle INT32,
 * ARRAY(error INT16, message NULLABLE_STRING, type INT8, name STRING, ARRAY(key STRING,
 * value NULLABLE_STRING, readOnly BOOLEAN, source INT8, sensitive BOOLEAN, ARRAY(key STRING,
 * value NULLABLE_STRING, source INT8)))`
 */
export function describeTopicConfigsRequest(
  topics: readonly string[],
): Request<DescribedConfigs[]> {
  return {
    name: "DescribeConfigs",
    apiKey: 32,
    apiVersion: 2,
    encode(body) {
      body.array(topics, (topic) => body.int8(topicResource).string(topic).int32(-1));
      body.boolean(false);
    },
    decode(body) {
      body.throttle();
      return body.array(() => {
        const errorCode = body.int16();
        const errorMessage = body.nullableString();
        body.int8();
        const name = body.string();
        const entries = body.array(() => {
          const key = body.string();
          const value = body.nullableString();
          body.boolean();
          const source = sourceOf(body.int8());
          body.boolean();
          body.array(() => [body.string(), body.nullableString(), body.int8()]);
          return { key, value, source };
        });
        return { name, errorCode, errorMessage, entries };
      });
    },
  };
}

/** 1 is the topic's own; 5 is Kafka's; between them are the brokers', set while they run or before. */
function sourceOf(code: number): ConfigSource {
  if (code === 1) return "topic";
  return code === 5 ? "default" : "broker";
}

export type ConfigEdit =
  | { readonly kind: "set"; readonly key: string; readonly value: string }
  | { readonly kind: "delete"; readonly key: string };

/**
 * Changes some keys of a topic and leaves the others as they are.
 * `ARRAY(type INT8, name STRING, ARRAY(key STRING, operation INT8, value NULLABLE_STRING)),
 * validateOnly BOOLEAN => throttle INT32, ARRAY(error INT16, message NULLABLE_STRING, type INT8,
 * name STRING)`
 */
export function alterTopicConfigRequest(
  topic: string,
  options: { readonly edits: readonly ConfigEdit[]; readonly validateOnly: boolean },
): Request<NamedResult[]> {
  return {
    name: "IncrementalAlterConfigs",
    apiKey: 44,
    apiVersion: 0,
    encode(body) {
      body.int32(1).int8(topicResource).string(topic);
      body.array(options.edits, (edit) => {
        body.string(edit.key).int8(operations[edit.kind]);
        body.string(edit.kind === "set" ? edit.value : null);
      });
      body.boolean(options.validateOnly);
    },
    decode(body) {
      body.throttle();
      return body.array(() => {
        const errorCode = body.int16();
        const errorMessage = body.nullableString();
        body.int8();
        return { name: body.string(), errorCode, errorMessage };
      });
    },
  };
}
