import * as z from "zod";
import { defaults } from "../defaults.ts";
import { image, memory, oneOrMore, pathOf, port, properties, text, version } from "./parts.ts";

/** Postgres cuts longer names off. */
const identifier = (title: string) =>
  text({ pattern: /^[^\0]{1,63}$/, must: "must have 1 to 63 characters", title });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucket = text({
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  must: "must have 3 to 63 lower-case letters, digits, dots or dashes, and begin and end with a letter or digit",
  title: "name",
});

const { storeVersions: versions, storePorts: ports } = defaults;

export const store = z.strictObject({
  type: z
    .enum(["postgres", "redis", "s3", "duckdb"], {
      error: "must be postgres, redis, s3 or duckdb",
    })
    .describe(
      "Kind of store. `s3` is moto, a server with the API of Amazon S3 that keeps objects in memory: every stop deletes them. `duckdb` is a file on this machine.",
    )
    .meta({ default: defaults.storeType })
    .optional(),
  version: version("must be a version such as 15 or 7.4.1", /^\d+(\.\d+){0,2}(-[0-9a-z.-]+)?$/)
    .describe(
      `Version of the server. Default: ${versions.postgres} for Postgres, ${versions.redis} for Redis, ${versions.s3} for moto (\`s3\`).`,
    )
    .optional(),
  image: image.describe("Image to use instead of the official image.").optional(),
  port: port
    .describe(
      `Port on this machine. \`auto\` picks a free port. Default: ${ports.postgres} for Postgres, ${ports.redis} for Redis, ${ports.s3} for S3.`,
    )
    .optional(),
  database: identifier("name")
    .describe(
      "Postgres: name of the database. Default: the name of the store, with `_` instead of `-`.",
    )
    .optional(),
  user: identifier("name")
    .describe("Postgres: user who owns the database.")
    .meta({ default: defaults.storeUser })
    .optional(),
  password: text({ must: "must be text", title: "string" })
    .meta({ type: ["string", "number"] })
    .describe(
      `Password of the Postgres user (default: \`${defaults.storePassword}\`) or of Redis (default: no password). Use \`\${NAME}\` for a secret.`,
    )
    .optional(),
  init: oneOrMore(pathOf("a SQL file"), "must be the path of a SQL file, or a list of them")
    .describe(
      "Postgres: SQL files that run once, in this order, when the volume is created. Paths are relative to pipeline.yaml and must be inside its folder.",
    )
    .optional(),
  config: properties
    .describe(
      "Postgres: server parameters, e.g. `work_mem: 16MB`. Redis: directives of redis.conf, e.g. `maxmemory: 100mb`.",
    )
    .optional(),
  buckets: oneOrMore(bucket, "must be the name of a bucket, or a list of them")
    .describe("S3: buckets to create when they are missing.")
    .optional(),
  path: pathOf("a file")
    .describe(
      `DuckDB: path of the file, inside the folder of pipeline.yaml. Default: \`${defaults.dataFolder}/NAME.duckdb\`. Programs on this machine get the path from \`dp env\`. Containers can't read the file.`,
    )
    .optional(),
  mem_limit: memory.describe("Memory limit of the container. Default: no limit.").optional(),
});
