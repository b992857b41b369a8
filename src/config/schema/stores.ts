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
      "Kind of store. `s3` is a server that plays Amazon S3 and keeps everything in memory: its objects go with each stop of it. `duckdb` is a file on this machine.",
    )
    .meta({ default: defaults.storeType })
    .optional(),
  version: version("must be a version such as 15 or 7.4.1", /^\d+(\.\d+){0,2}(-[0-9a-z.-]+)?$/)
    .describe(
      `Version of the server: of Postgres (${versions.postgres} when left out), Redis (${versions.redis}) or moto, which plays S3 (${versions.s3}).`,
    )
    .optional(),
  image: image.describe("Image to run instead of the official one.").optional(),
  port: port
    .describe(
      `Port on this machine; \`auto\` takes a free one. When left out ${ports.postgres} for Postgres, ${ports.redis} for Redis, ${ports.s3} for S3.`,
    )
    .optional(),
  database: identifier("name")
    .describe("Postgres: name of the database. The store's name with `_` for `-` when left out.")
    .optional(),
  user: identifier("name")
    .describe("Postgres: user that owns the database.")
    .meta({ default: defaults.storeUser })
    .optional(),
  password: text({ must: "must be text", title: "text" })
    .meta({ type: ["string", "number"] })
    .describe(
      `Password of that user (\`${defaults.storePassword}\` when left out), or of Redis (none). Write \`\${NAME}\` for one that is a secret.`,
    )
    .optional(),
  init: oneOrMore(pathOf("a SQL file"), "must be the path of a SQL file, or a list of them")
    .describe(
      "Postgres: SQL files that run once, in this order, while the store is empty. Paths are relative to pipeline.yaml and inside its folder.",
    )
    .optional(),
  config: properties
    .describe(
      "Postgres: server parameters, for example `work_mem: 16MB`. Redis: directives of redis.conf, for example `maxmemory: 100mb`.",
    )
    .optional(),
  buckets: oneOrMore(bucket, "must be the name of a bucket, or a list of them")
    .describe("S3: buckets that are made when they are missing.")
    .optional(),
  path: pathOf("a file")
    .describe(
      `DuckDB: the file, inside the folder of pipeline.yaml; \`${defaults.dataFolder}/NAME.duckdb\` when left out. Programs on this machine find it by \`dp env\`; containers don't see it.`,
    )
    .optional(),
  mem_limit: memory.describe("Memory limit of the container. No limit when left out.").optional(),
});
