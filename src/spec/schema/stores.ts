import * as z from "zod";
import { defaults } from "../defaults.ts";
import { image, oneOrMore, pathOf, port, properties, size, text, version } from "./parts.ts";

/** Postgres cuts longer names off. */
const identifier = (title: string) =>
  text({ pattern: /^[^\0]{1,63}$/, must: "must have 1 to 63 characters", title });

export const store = z.strictObject({
  type: z
    .enum(["postgres"], { error: "must be postgres" })
    .describe("Kind of database.")
    .meta({ default: defaults.storeType })
    .optional(),
  version: version("must be a Postgres version such as 15 or 16.4", /^\d+(\.\d+)?(-[0-9a-z.-]+)?$/)
    .describe("Version of Postgres.")
    .meta({ default: defaults.postgresVersion })
    .optional(),
  image: image.describe("Image to run instead of the official one.").optional(),
  port: port
    .describe("Port on this machine; `auto` takes a free one.")
    .meta({ default: defaults.postgresPort })
    .optional(),
  database: identifier("name")
    .describe("Name of the database. The store's name with `_` for `-` when left out.")
    .optional(),
  user: identifier("name")
    .describe("User that owns the database.")
    .meta({ default: defaults.storeUser })
    .optional(),
  password: text({ must: "must be text", title: "text" })
    .meta({ type: ["string", "number"], default: defaults.storePassword })
    .describe("Password of that user. Write `${NAME}` for one that is a secret.")
    .optional(),
  init: oneOrMore(pathOf("a SQL file"), "must be the path of a SQL file, or a list of them")
    .describe(
      "SQL files that run once, in this order, while the store is empty. Paths are relative to pipeline.yaml and inside its folder.",
    )
    .optional(),
  config: properties.describe("Server parameters, for example `work_mem: 16MB`.").optional(),
  mem_limit: size.describe("Memory limit of the container. No limit when left out.").optional(),
});
