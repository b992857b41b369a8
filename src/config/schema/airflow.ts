import * as z from "zod";
import { defaults } from "../defaults.ts";
import { environment, image, pathOf, port, requirements, version, wholeNumber } from "./parts.ts";

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
      "How Airflow starts. `fast` imports Airflow once and forks the API server, the scheduler, and the DAG processor. `standalone` runs `airflow standalone`, which also has a triggerer.",
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
  environment: environment
    .describe(
      "Environment variables of Airflow, e.g. `AIRFLOW__CORE__DEFAULT_TIMEZONE`. Variables that dp itself sets are rejected.",
    )
    .optional(),
});
