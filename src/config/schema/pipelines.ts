import * as z from "zod";
import { ExactNumber } from "../../model/exact-number.ts";
import { defaults } from "../defaults.ts";
import {
  command,
  environment,
  image,
  oneOrMore,
  pause,
  section,
  text,
  textMap,
  wait,
  wholeNumber,
} from "./parts.ts";

const topicName = z.string({ error: "must be the name of a topic" }).meta({ title: "topic" });
const storeName = z.string({ error: "must be the name of a store" }).meta({ title: "store" });
const table = text({
  pattern: /^[^\0]+$/,
  must: "must be the name of a table, or schema.table",
  title: "table",
});
const pythonFunction = text({
  must: "must name a function, as in pipelines/orders.py:clean",
  title: "file.py:function",
});

const source = z.strictObject({
  http: text({ must: "must be a URL", title: "URL" })
    .describe(
      "URL to request. The response is JSON (a list of records, or one record) or JSON Lines.",
    )
    .optional(),
  params: textMap("must be a map of query parameters")
    .describe("Query parameters of the request.")
    .optional(),
  headers: textMap("must be a map of headers").describe("Headers of the request.").optional(),
  records: text({ must: "must be a path such as data.items", title: "path" })
    .describe("Path of the list of records in the response, e.g. `data.items`.")
    .optional(),
  topic: topicName
    .describe("Topic to read, from the offsets that the last run committed.")
    .optional(),
  group: text({
    pattern: /^[^\s]{1,255}$/,
    must: "must be the name of a consumer group",
    title: "name",
  })
    .describe("Consumer group that commits the offsets. Default: `dp.<stack>.<pipeline>.<step>`.")
    .optional(),
  store: storeName.describe("Postgres store to read. Requires `table` or `query`.").optional(),
  table: table.describe("Table to read, all rows.").optional(),
  query: text({ must: "must be a SQL query", title: "SQL" })
    .describe("SQL query whose rows are read.")
    .optional(),
});

const sink = z.strictObject({
  topic: topicName.describe("Topic to write.").optional(),
  key: text({ must: "must be the name of a field", title: "field" })
    .describe(
      "Field that becomes the key of the record. Default: no key, or from topic to topic the key of the record that was read.",
    )
    .optional(),
  delivery: z
    .enum(["at_least_once", "exactly_once"], { error: "must be at_least_once or exactly_once" })
    .describe(
      "`exactly_once` writes records and commits offsets in one transaction. It requires a topic as source and as destination.",
    )
    .meta({ default: defaults.delivery })
    .optional(),
  store: storeName.describe("Postgres store to write to. Requires `table`.").optional(),
  table: table
    .describe("Table, or `schema.table`. A missing table is created from the records.")
    .optional(),
  unique_key: oneOrMore(
    z.string({ error: "must be the name of a column" }).meta({ title: "column" }),
    "must be the name of a column, or a list of them",
  )
    .describe("Columns that identify a row.")
    .optional(),
  mode: z
    .enum(["append", "upsert", "replace"], { error: "must be append, upsert or replace" })
    .describe(
      "`append` adds rows. `upsert` updates the row with the same `unique_key`. `replace` writes a new table and swaps it in at the end. Default: `upsert` with a `unique_key`, otherwise `append`.",
    )
    .optional(),
});

const run = z.strictObject({
  python: pythonFunction.describe("Python function to call.").optional(),
  store: storeName.describe("Postgres store that runs the SQL file.").optional(),
  sql: text({ must: "must be the path of a SQL file", title: "path" })
    .describe("SQL file to run in one transaction.")
    .optional(),
  image: image.describe("Image of a temporary container that runs the step.").optional(),
  service: z
    .string({ error: "must be the name of a service" })
    .meta({ title: "service" })
    .describe(
      "Service whose image, environment, volumes, and limits a temporary container has. The service itself does not have to run, see `scale`.",
    )
    .optional(),
  command: command
    .describe(
      "Command of the container: a string, which is split like a shell command, or a list of strings. Each `{{ }}` is filled into its argument, never into a shell command. Default: the command of the service or image.",
    )
    .optional(),
  volumes: z
    .array(z.string({ error: "must be a volume such as ./dbt:/dbt" }).meta({ title: "volume" }), {
      error: 'must be a list of volumes such as "./dbt:/dbt:ro"',
    })
    .describe(
      "Folders or files beside pipeline.yaml that the container of an `image` mounts, e.g. `./dbt:/dbt`, read-only with `:ro`.",
    )
    .optional(),
});

const mustBeSource = "must be a source: http(s)://…, topic:NAME, STORE:TABLE, or a map";
const mustBeSink = "must be a destination: topic:NAME, STORE:TABLE, or a map";
const mustBeRun =
  "must be a command, or a map with python, with store and sql, with image, or with service";

const shortForm = (error: string, title: string) => z.string({ error }).meta({ title });

const retries = wholeNumber({ min: 0, max: 100 });

const step = z.strictObject({
  from: z
    .union([source, shortForm(mustBeSource, "short form")], { error: mustBeSource })
    .describe(
      "Source of the records: a map, or a short form such as `http://…`, `topic:NAME`, or `STORE:TABLE`.",
    )
    .optional(),
  transform: pythonFunction
    .describe(
      "Python function that gets each record as a dict and returns a dict, a list of dicts, or None to drop the record.",
    )
    .optional(),
  to: z
    .union([sink, shortForm(mustBeSink, "short form")], { error: mustBeSink })
    .describe(
      "Destination of the records: a map, or a short form such as `topic:NAME` or `STORE:TABLE`.",
    )
    .optional(),
  run: z
    .union([run, shortForm(mustBeRun, "command")], { error: mustBeRun })
    .describe(
      "Program to run instead of moving records: a shell command, a Python function, a SQL file, or a container.",
    )
    .optional(),
  needs: z
    .array(z.string({ error: "must be the name of a step" }).meta({ title: "step" }), {
      error: "must be a list of steps",
    })
    .describe(
      "Steps that must succeed first. They must be defined above this step. Default: the previous step. `[]` starts immediately.",
    )
    .optional(),
  on_bad_record: text({
    pattern: /^(fail|skip|topic:.+)$/,
    must: "must be fail, skip or topic:NAME",
    title: "`fail`, `skip`, `topic:NAME`",
  })
    .describe(
      "Handling of a record that can't be read, transformed, or written: fail the step, skip the record, or write the record to a topic.",
    )
    .meta({ default: defaults.onBadRecord })
    .optional(),
  batch: wholeNumber({ min: 1, max: 100_000 })
    .describe("Number of records that are read, transformed, and written together.")
    .meta({ default: defaults.batch })
    .optional(),
  retries: retries.describe("Number of retries. Default: `retries` of the pipeline.").optional(),
  retry_delay: pause
    .describe("Time between two attempts. Default: `retry_delay` of the pipeline.")
    .optional(),
  timeout: wait.describe("Maximum time of one attempt. Default: no limit.").optional(),
  environment: environment.describe("Environment variables of the step.").optional(),
});

const mustBeParam = "must be text, a number, true or false";

/** A custom schema tells typeScalar that all digits count. */
const paramNumber = z
  .custom<number | ExactNumber>(
    (value) => Number.isFinite(value) || value instanceof ExactNumber,
    mustBeParam,
  )
  .meta({ type: "number" });

export const pipeline = z.strictObject({
  description: z
    .string({ error: "must be text" })
    .meta({ title: "string" })
    .describe("Description of the pipeline, shown in Airflow.")
    .optional(),
  tags: z
    .array(z.string({ error: "must be text" }).meta({ title: "string" }), {
      error: "must be a list of tags",
    })
    .describe("Tags of the DAG in Airflow.")
    .optional(),
  schedule: text({
    must: "must be hourly, daily, weekly, monthly or a cron expression",
    title: "schedule",
  })
    .describe(
      '`hourly`, `daily`, `weekly`, `monthly`, or a cron expression with five fields such as `"*/5 * * * *"`. Default: the pipeline runs only when you start it.',
    )
    .optional(),
  timezone: text({ must: "must be a time zone such as Europe/Berlin", title: "time zone" })
    .describe("Time zone of the schedule.")
    .meta({ default: defaults.timezone })
    .optional(),
  retries: retries
    .describe("Number of retries of each step.")
    .meta({ default: defaults.retries })
    .optional(),
  retry_delay: pause
    .describe("Time between two attempts of a step.")
    .meta({ default: defaults.retryDelay })
    .optional(),
  timeout: wait.describe("Maximum time of one run. Default: no limit.").optional(),
  max_active_runs: wholeNumber({ min: 1, max: 16 })
    .describe("Maximum number of runs at the same time.")
    .meta({ default: defaults.maxActiveRuns })
    .optional(),
  params: z
    .record(
      z.string(),
      z
        .union([z.string(), paramNumber, z.boolean()], { error: mustBeParam })
        .meta({ title: "value" }),
      { error: "must be a map of names and defaults" },
    )
    .describe(
      "Parameters with their defaults. Steps use `{{ params.NAME }}`, and `dp pipeline run --param NAME=VALUE` sets a value. Numbers keep their digits as written.",
    )
    .optional(),
  steps: z
    .record(z.string(), section(step), { error: "must be a map of steps" })
    .describe(
      "Steps, from top to bottom. A step moves records (`from`, `to`) or runs a program (`run`).",
    )
    .optional(),
});
