import * as z from "zod";
import { ExactNumber } from "../../model/exact-number.ts";
import { defaults } from "../defaults.ts";
import {
  environment,
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
    .describe("URL that answers with JSON (a list, or one record) or with JSONL.")
    .optional(),
  params: textMap("must be a map of query parameters")
    .describe("Query parameters of the request.")
    .optional(),
  headers: textMap("must be a map of headers").describe("Headers of the request.").optional(),
  records: text({ must: "must be a path such as data.items", title: "path" })
    .describe("Where the list of records is in the answer, for example `data.items`.")
    .optional(),
  topic: topicName.describe("Topic to read, from where the last run ended.").optional(),
  group: text({
    pattern: /^[^\s]{1,255}$/,
    must: "must be the name of a consumer group",
    title: "name",
  })
    .describe(
      "Consumer group that keeps the position. `dp.<stack>.<pipeline>.<step>` when left out.",
    )
    .optional(),
  store: storeName.describe("Store to read from, together with `table` or `query`.").optional(),
  table: table.describe("Table of which all rows are read.").optional(),
  query: text({ must: "must be a SQL query", title: "SQL" })
    .describe("Query whose rows are read.")
    .optional(),
});

const sink = z.strictObject({
  topic: topicName.describe("Topic to write.").optional(),
  key: text({ must: "must be the name of a field", title: "field" })
    .describe(
      "Field that becomes the key of the record. From topic to topic the key is kept when this is left out.",
    )
    .optional(),
  delivery: z
    .enum(["at_least_once", "exactly_once"], { error: "must be at_least_once or exactly_once" })
    .describe("`exactly_once` writes records and position in one transaction, from topic to topic.")
    .meta({ default: defaults.delivery })
    .optional(),
  store: storeName.describe("Store to write to, together with `table`.").optional(),
  table: table
    .describe("Table, or `schema.table`; made from the records when it is not there.")
    .optional(),
  unique_key: oneOrMore(
    z.string({ error: "must be the name of a column" }).meta({ title: "column" }),
    "must be the name of a column, or a list of them",
  )
    .describe("Columns that tell one row from another.")
    .optional(),
  mode: z
    .enum(["append", "upsert", "replace"], { error: "must be append, upsert or replace" })
    .describe(
      "`append` adds rows; `upsert` writes over the row with the same `unique_key`; `replace` swaps the whole table at the end. `upsert` when there is a `unique_key`, else `append`.",
    )
    .optional(),
});

const run = z.strictObject({
  python: pythonFunction.describe("Python function to call.").optional(),
  store: storeName.describe("Store to run the SQL file in.").optional(),
  sql: text({ must: "must be the path of a SQL file", title: "path" })
    .describe("SQL file, run in one transaction.")
    .optional(),
});

const mustBeSource = "must be a source: http(s)://…, topic:NAME, STORE:TABLE, or a map";
const mustBeSink = "must be a destination: topic:NAME, STORE:TABLE, or a map";
const mustBeRun = "must be a command, or a map with python, or with store and sql";

const shortForm = (error: string, title: string) => z.string({ error }).meta({ title });

const retries = wholeNumber({ min: 0, max: 100 });

const step = z.strictObject({
  from: z
    .union([source, shortForm(mustBeSource, "short form")], { error: mustBeSource })
    .describe(
      "Where records come from. In short: `http://…`, `topic:NAME`, `STORE:TABLE` (all its rows).",
    )
    .optional(),
  transform: pythonFunction
    .describe(
      "Python function that gets each record as a dict and returns a dict, a list of them, or None to leave it out.",
    )
    .optional(),
  to: z
    .union([sink, shortForm(mustBeSink, "short form")], { error: mustBeSink })
    .describe("Where records go. In short: `topic:NAME`, `STORE:TABLE`.")
    .optional(),
  run: z
    .union([run, shortForm(mustBeRun, "command")], { error: mustBeRun })
    .describe(
      "What to run instead of moving records: a shell command, a Python function or a SQL file.",
    )
    .optional(),
  needs: z
    .array(z.string({ error: "must be the name of a step" }).meta({ title: "step" }), {
      error: "must be a list of steps",
    })
    .describe(
      "Steps above that must have succeeded. The step right above when left out; `[]` starts at once.",
    )
    .optional(),
  on_bad_record: text({
    pattern: /^(fail|skip|topic:.+)$/,
    must: "must be fail, skip or topic:NAME",
    title: "`fail`, `skip`, `topic:NAME`",
  })
    .describe(
      "What to do with a record that can't be read, transformed or written: fail the step, leave it out, or put it into a topic.",
    )
    .meta({ default: defaults.onBadRecord })
    .optional(),
  batch: wholeNumber({ min: 1, max: 100_000 })
    .describe("Records that are read, transformed and written at once.")
    .meta({ default: defaults.batch })
    .optional(),
  retries: retries
    .describe("Further tries after the first one failed. The pipeline's when left out.")
    .optional(),
  retry_delay: pause.describe("Time between two tries. The pipeline's when left out.").optional(),
  timeout: wait.describe("Time that one try may take. No limit when left out.").optional(),
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
    .meta({ title: "text" })
    .describe("What the pipeline is for.")
    .optional(),
  tags: z
    .array(z.string({ error: "must be text" }).meta({ title: "text" }), {
      error: "must be a list of tags",
    })
    .describe("Tags, shown in Airflow.")
    .optional(),
  schedule: text({
    must: "must be hourly, daily, weekly, monthly or a cron expression",
    title: "schedule",
  })
    .describe(
      "`hourly`, `daily`, `weekly`, `monthly`, or five cron fields such as `*/5 * * * *` (in quotes). Run by hand only when left out.",
    )
    .optional(),
  timezone: text({ must: "must be a time zone such as Europe/Berlin", title: "time zone" })
    .describe("Time zone of the schedule.")
    .meta({ default: defaults.timezone })
    .optional(),
  retries: retries
    .describe("Further tries of a step after the first one failed.")
    .meta({ default: defaults.retries })
    .optional(),
  retry_delay: pause
    .describe("Time between two tries.")
    .meta({ default: defaults.retryDelay })
    .optional(),
  timeout: wait.describe("Time that one run may take. No limit when left out.").optional(),
  max_active_runs: wholeNumber({ min: 1, max: 16 })
    .describe("Runs that may be under way at the same time.")
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
      "Names and defaults of parameters: `{{ params.NAME }}` in steps, `--param NAME=…`. Numbers keep the digits that are written.",
    )
    .optional(),
  steps: z
    .record(z.string(), section(step), { error: "must be a map of steps" })
    .describe(
      "Steps, from top to bottom. A step moves records (`from`, `to`) or runs something (`run`).",
    )
    .optional(),
});
