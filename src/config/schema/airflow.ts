import * as z from "zod";
import { defaults } from "../defaults.ts";
import { environment, image, pathOf, port, version, wholeNumber } from "./parts.ts";

export const airflow = z.strictObject({
  version: version("must be an Airflow version such as 3.3.2", /^\d+\.\d+(\.\d+)?$/)
    .describe("Version of Airflow, from 3.1 on and before 4.")
    .meta({ default: defaults.airflowVersion })
    .optional(),
  port: port
    .describe("Port of the web page and the API on this machine; `auto` takes a free one.")
    .meta({ default: defaults.airflowPort })
    .optional(),
  image: image.describe("Image to run instead of the official one.").optional(),
  start: z
    .enum(["fast", "standalone"], { error: "must be fast or standalone" })
    .describe(
      "`fast` imports Airflow once and forks its components; `standalone` is Airflow's own way.",
    )
    .meta({ default: defaults.airflowStart })
    .optional(),
  dags: pathOf("a folder with DAGs")
    .describe(
      "Folder with DAGs written by hand, which go to Airflow beside those of the pipelines. A path relative to pipeline.yaml and inside its folder.",
    )
    .optional(),
  parallelism: wholeNumber({ min: 1, max: 32 })
    .describe("Tasks that run at the same time.")
    .meta({ default: defaults.airflowParallelism })
    .optional(),
  environment: environment
    .describe(
      "Environment variables of Airflow, for example `AIRFLOW__CORE__DEFAULT_TIMEZONE`. Those that dp itself needs are refused.",
    )
    .optional(),
});
