import * as z from "zod";
import { airflow } from "./schema/airflow.ts";
import { images } from "./schema/images.ts";
import { kafka, topics, zookeeper } from "./schema/kafka.ts";
import { section, sections, text } from "./schema/parts.ts";
import { pipeline } from "./schema/pipelines.ts";
import { python } from "./schema/python.ts";
import { service } from "./schema/services.ts";
import { store } from "./schema/stores.ts";

/** Every section of the file but those that say what the file as a whole is. */
const parts = {
  zookeeper: section(zookeeper)
    .describe("The ZooKeeper nodes. Without this section Kafka runs in KRaft mode.")
    .optional(),
  kafka: section(kafka)
    .describe("The Kafka brokers. A file with topics has brokers even without this section.")
    .optional(),
  airflow: section(airflow)
    .describe(
      "Airflow, the orchestrator. Without this section a pipeline can't have a schedule, and `dp pipeline run` runs it without Airflow.",
    )
    .optional(),
  python: section(python)
    .describe("Python environment of the code of pipeline steps, with and without Airflow.")
    .optional(),
  stores: sections(store, "stores").describe("Databases and other stores, by name.").optional(),
  services: sections(service, "services")
    .describe(
      "Other containers, by name, with a subset of the keys of Compose. The names of dp's own containers in the stack are reserved, e.g. `kafka` and `kafka-1` in a stack with brokers.",
    )
    .optional(),
  topics: topics
    .describe("Topics, by name. A list of names creates topics with defaults.")
    .optional(),
  pipelines: sections(pipeline, "pipelines")
    .describe(
      "Pipelines, by name. A pipeline is a list of steps that move records or run programs.",
    )
    .optional(),
  images: section(images).describe("Sources of container images.").optional(),
};

/** What a profile or a `--set` may lay over the file. */
export const overlaySchema = z.strictObject(parts, {
  error: "must be a map of sections such as kafka and topics",
});

/**
 * The language of pipeline.yaml, written once: the type, the checks, the JSON Schema and the
 * reference page come from it.
 */
export const pipelineSchema = z
  .strictObject(
    {
      name: text({
        pattern: /^[a-z][a-z0-9-]{1,39}$/,
        must: "must have 2 to 40 lower-case letters, digits or dashes, and begin with a letter",
        title: "name",
      })
        .describe(
          "Name of the stack. Default: the name of the folder in lower case, with `-` for other characters.",
        )
        .optional(),
      ...parts,
      profiles: sections(overlaySchema, "profiles")
        .describe(
          "Named overrides of the sections above, applied with `--profile NAME` or `DP_PROFILE`. Maps are merged key by key, lists are replaced, `false` removes an entry.",
        )
        .optional(),
    },
    { error: "must be a map of sections such as kafka and topics" },
  )
  .describe("A local data platform that dp runs.")
  .meta({ patternProperties: { "^x-": {} } });

/** What the user wrote, checked key by key; nothing is filled in. */
export type Spec = z.output<typeof pipelineSchema>;
