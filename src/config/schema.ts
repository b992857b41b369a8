import * as z from "zod";
import { airflow } from "./schema/airflow.ts";
import { images } from "./schema/images.ts";
import { kafka, topics, zookeeper } from "./schema/kafka.ts";
import { section, sections, text } from "./schema/parts.ts";
import { pipeline } from "./schema/pipelines.ts";
import { service } from "./schema/services.ts";
import { store } from "./schema/stores.ts";

/** Every section of the file but those that say what the file as a whole is. */
const parts = {
  zookeeper: section(zookeeper)
    .describe("One ZooKeeper node. Without this section Kafka runs in KRaft mode.")
    .optional(),
  kafka: section(kafka)
    .describe("The Kafka brokers. Present also when there are topics.")
    .optional(),
  airflow: section(airflow)
    .describe("The orchestrator. Without it pipelines run by hand only.")
    .optional(),
  stores: sections(store, "stores").describe("What keeps data beside Kafka, by name.").optional(),
  services: sections(service, "services").describe("Containers of your own, by name.").optional(),
  topics: topics
    .describe("Topics: a map of name to settings (nothing means defaults), or a list of names.")
    .optional(),
  pipelines: sections(pipeline, "pipelines")
    .describe("Pipelines, by name: steps that move records and run things.")
    .optional(),
  images: section(images).describe("Where container images come from.").optional(),
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
        .describe("Name of the stack. The name of the folder, made valid, when left out.")
        .optional(),
      ...parts,
      profiles: sections(overlaySchema, "profiles")
        .describe(
          "Overlays by name: each has sections as above, laid over them with `--profile NAME` or `DP_PROFILE`. Maps are merged key by key, a list replaces, `false` removes.",
        )
        .optional(),
    },
    { error: "must be a map of sections such as kafka and topics" },
  )
  .describe("One local data platform for dp.")
  .meta({ patternProperties: { "^x-": {} } });

/** What the user wrote, checked key by key; nothing is filled in. */
export type Spec = z.output<typeof pipelineSchema>;
