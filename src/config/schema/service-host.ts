import * as z from "zod";
import { oneOrMore, pathOf, text, textMap, textOrNumber, wholeNumber } from "./parts.ts";

/** Keys of a service that are about its container: names, addresses, limits, files of variables. */

const mustBeHosts = 'must be a list such as ["db.local:10.0.0.5"], or a map of names and addresses';
const mustBeUlimit = "must be a number, or a map with soft and hard";
const limit = wholeNumber({
  min: -1,
  max: Number.MAX_SAFE_INTEGER,
  must: "must be a whole number, or -1 for no limit",
}).meta({ title: "integer" });

export const serviceHost = {
  env_file: oneOrMore(
    pathOf("a file with variables"),
    "must be the path of a file with variables, or a list of paths",
  )
    .describe(
      "Files with environment variables, in the syntax of `.env`. A later file overrides an earlier one, and `environment` overrides all files. Paths are relative to pipeline.yaml and must be inside its folder.",
    )
    .optional(),
  hostname: text({
    pattern: /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i,
    must: "must be a host name of at most 63 letters, digits, dashes, dots or underscores",
    title: "host name",
  })
    .describe(
      "Host name that the container itself sees. Default: the name of the service. Other containers reach the service under its own name.",
    )
    .optional(),
  extra_hosts: z
    .union(
      [
        z.array(z.string({ error: mustBeHosts }).meta({ title: "host" }), { error: mustBeHosts }),
        textMap(mustBeHosts),
      ],
      { error: mustBeHosts },
    )
    .describe(
      "Additional lines of the container's `/etc/hosts`, e.g. `db.local:10.0.0.5`. The address `host-gateway` is this machine.",
    )
    .optional(),
  working_dir: text({
    pattern: /^\//,
    must: "must be a path in the container that begins with /",
    title: "path",
  })
    .describe("Working directory of the command. Default: the working directory of the image.")
    .optional(),
  ulimits: z
    .record(
      z.string(),
      z.union(
        [
          limit,
          z.strictObject({
            soft: limit.describe("Limit that a process can raise up to `hard`.").optional(),
            hard: limit.describe("Limit that a process can't exceed.").optional(),
          }),
        ],
        { error: mustBeUlimit },
      ),
      { error: "must be a map of limits, e.g. nofile: 65536" },
    )
    .describe(
      "Limits of the container's processes, e.g. `nofile: 65536` or `nofile: { soft: 1024, hard: 65536 }`. `-1` removes a limit.",
    )
    .optional(),
  container_name: text({ must: "must be a name", title: "name" })
    .meta(textOrNumber)
    .describe("No effect, accepted for Compose users: dp names the container `STACK-SERVICE`.")
    .optional(),
  logging: z
    .strictObject(
      {
        driver: text({ must: "must be the name of a log driver", title: "name" })
          .describe("Log driver.")
          .optional(),
        options: textMap("must be a map of options").describe("Options of the driver.").optional(),
      },
      { error: "must be a map with driver and options" },
    )
    .describe(
      "No effect, accepted for Compose users: the engine's own log driver is used, because `dp logs` reads it.",
    )
    .optional(),
};
