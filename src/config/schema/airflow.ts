import * as z from "zod";
import { defaults } from "../defaults.ts";
import {
  environment,
  image,
  pathOf,
  port,
  portNumber,
  requirements,
  text,
  textMap,
  textOrNumber,
  version,
  volumes,
  wholeNumber,
} from "./parts.ts";

const mustBeExtra = "must be a map of values, or a JSON object as text";
const mustBeConnection = "must be a URI, or a map with conn_type, host, login, and other fields";

const field = (title: string) => text({ must: "must be text", title }).meta(textOrNumber);

const connection = z
  .union(
    [
      text({ must: mustBeConnection, title: "URI" }),
      z.strictObject({
        conn_type: text({ must: "must be a type such as http or postgres", title: "type" })
          .describe("Type of the connection, e.g. `http`, `postgres`, or `kafka`. Required.")
          .optional(),
        description: text({ must: "must be text", title: "string" })
          .describe("Description.")
          .optional(),
        host: field("host").describe("Host name or address.").optional(),
        port: portNumber.describe("Port.").optional(),
        schema: field("string").describe("Schema, e.g. the name of a database.").optional(),
        login: field("string").describe("User name.").optional(),
        password: field("string").describe("Password.").optional(),
        extra: z
          .union(
            [
              text({ must: mustBeExtra, title: "JSON object" }),
              z.record(
                z.string(),
                z
                  .union([z.string(), z.number(), z.boolean()], {
                    error: "must be text, a number, true or false",
                  })
                  .meta({ title: "value" }),
                { error: mustBeExtra },
              ),
            ],
            { error: mustBeExtra },
          )
          .describe(
            "Other settings of the connection type, e.g. `{ region_name: eu-central-1 }`. Write settings with nested values as a JSON object in quotes.",
          )
          .optional(),
      }),
    ],
    { error: mustBeConnection },
  )
  .meta({ title: "URI or section" });

export const airflow = z.strictObject({
  version: version("must be an Airflow version such as 3.3.2", /^\d+\.\d+(\.\d+)?$/)
    .describe("Airflow version, from 3.1 up to but not including 4.")
    .meta({ default: defaults.airflowVersion })
    .optional(),
  port: port
    .describe("Port of the web UI and the API on this machine. `auto` picks a free port.")
    .meta({ default: defaults.airflowPort })
    .optional(),
  image: image.describe("Image to use instead of the official image.").optional(),
  start: z
    .enum(["fast", "standalone"], { error: "must be fast or standalone" })
    .describe(
      "How Airflow starts. `fast` imports Airflow once and forks the API server, the scheduler, and the DAG processor. A triggerer starts when the first task defers. `standalone` runs `airflow standalone`.",
    )
    .meta({ default: defaults.airflowStart })
    .optional(),
  dags: pathOf("a folder with DAGs")
    .describe(
      "Folder with custom DAGs, which are deployed together with the DAGs of the pipelines. The path is relative to pipeline.yaml and must be inside its folder.",
    )
    .optional(),
  requirements: requirements
    .describe(
      'Python packages for custom DAGs: a requirements file, or a list such as `[pandas, "kafka-python>=3"]`. dp resolves them together with Airflow and its providers, and adds them to the image.',
    )
    .optional(),
  parallelism: wholeNumber({ min: 1, max: 32 })
    .describe("Maximum number of tasks that run at the same time.")
    .meta({ default: defaults.airflowParallelism })
    .optional(),
  volumes: volumes
    .describe(
      "Volumes of Airflow's container, in the form of `services.NAME.volumes`, e.g. `./data:/data:ro`. Airflow runs as user 50000 of group 0.",
    )
    .optional(),
  variables: textMap("must be a map of variables")
    .describe(
      'Airflow variables for custom DAGs, e.g. `{ region: eu }` for `Variable.get("region")`. A value for `deserialize_json=True` is JSON in quotes.',
    )
    .optional(),
  connections: z
    .record(z.string(), connection, { error: "must be a map of connections" })
    .describe(
      "Airflow connections for custom DAGs, by their id. They replace the default connections with the same id. Kafka and the stores of the stack already have connections.",
    )
    .optional(),
  environment: environment
    .describe(
      "Environment variables of Airflow, e.g. `AIRFLOW__CORE__DEFAULT_TIMEZONE`. Variables that dp itself sets are rejected.",
    )
    .optional(),
});
