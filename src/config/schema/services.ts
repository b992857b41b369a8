import * as z from "zod";
import { defaults } from "../defaults.ts";
import { parseDecimal, processorLimits } from "../units.ts";
import {
  command,
  containerPort,
  environment,
  image,
  memory,
  pathOf,
  pause,
  text,
  textMap,
  textOrNumber,
  volumes,
  wait,
  wholeNumber,
} from "./parts.ts";
import { serviceHost } from "./service-host.ts";

const httpCheck = z.strictObject(
  {
    port: containerPort
      .describe("Port of the container. It must be published under `ports`.")
      .optional(),
    path: text({ pattern: /^\//, must: "must be a path that begins with /", title: "path" })
      .describe("Path of the request.")
      .meta({ default: defaults.readyPath })
      .optional(),
    status: wholeNumber({ min: 100, max: 599 })
      .describe("Expected status of the response.")
      .meta({ default: defaults.readyStatus })
      .optional(),
  },
  { error: "must be a map with port, path and status" },
);

const ready = z.strictObject(
  {
    http: httpCheck
      .describe("Ready when an HTTP GET request returns the expected status.")
      .optional(),
    tcp: containerPort
      .describe(
        "Ready when this port of the container accepts connections. It must be published under `ports`.",
      )
      .optional(),
    exec: command
      .describe("Ready when this command exits with code 0 in the container.")
      .optional(),
    log: text({ must: "must be a regular expression", title: "regular expression" })
      .describe("Ready when a line of the container's log matches this regular expression.")
      .optional(),
  },
  { error: "must be a map with one of http, tcp, exec or log" },
);

const mustBeDependencies = "must be a list of names, or a map of names with a condition";
const mustBeCondition =
  "must be service_started, service_healthy or service_completed_successfully";

const dependencies = z.union(
  [
    z.array(text({ must: "must be a name", title: "name" }), { error: mustBeDependencies }),
    z.record(
      z.string(),
      z.strictObject(
        {
          condition: z
            .enum(["service_started", "service_healthy", "service_completed_successfully"], {
              error: mustBeCondition,
            })
            .describe(
              "Condition to wait for: the dependency has started, is ready, or has exited with code 0.",
            )
            .meta({ default: defaults.condition })
            .optional(),
        },
        { error: "must be a map with condition" },
      ),
      { error: mustBeDependencies },
    ),
  ],
  { error: mustBeDependencies },
);

const mustBeTest = 'must be a command: text for a shell, or a list such as ["CMD", "curl", "…"]';

const healthcheck = z.strictObject(
  {
    test: z
      .union(
        [
          z.string({ error: mustBeTest }).meta({ title: "string" }),
          z.array(z.string({ error: "must be text" }).meta({ ...textOrNumber, title: "string" }), {
            error: mustBeTest,
          }),
        ],
        { error: mustBeTest },
      )
      .describe(
        "Command of the check: a string for a shell, or a list that starts with `CMD`, `CMD-SHELL`, or `NONE`.",
      )
      .optional(),
    interval: wait.describe("Time between two checks by the engine. Default: 30s.").optional(),
    timeout: wait.describe("Maximum time of one check. Default: 30s.").optional(),
    retries: wholeNumber({ min: 1, max: 1000 })
      .describe(
        "Consecutive failures after which the engine reports the container as unhealthy. Default: 3.",
      )
      .optional(),
    start_period: pause
      .describe("Time after the start during which failures are ignored.")
      .optional(),
    disable: z
      .boolean({ error: "must be true or false" })
      .meta({ title: "`true` or `false`" })
      .describe("`true` disables the health check of the image.")
      .optional(),
  },
  { error: "must be a map with test, interval, timeout, retries, start_period and disable" },
);

const mustBePorts = 'must be a list of ports such as "8085:8080"';
const mustBeBuild =
  "must be the path of a folder with a Dockerfile, or a map with context, dockerfile, args and target";

const build = z.union(
  [
    pathOf("a folder with a Dockerfile"),
    z.strictObject({
      context: pathOf("a folder")
        .describe(
          "Folder that the build can copy files from, relative to pipeline.yaml and inside its folder. Default: the folder of pipeline.yaml.",
        )
        .optional(),
      dockerfile: pathOf("a Dockerfile")
        .describe("Path of the Dockerfile, relative to `context` and inside it.")
        .meta({ default: defaults.dockerfile })
        .optional(),
      args: textMap("must be a map of build arguments")
        .describe(
          "Build arguments. Everyone who has the image can read them: they are no place for secrets.",
        )
        .optional(),
      target: text({ must: "must be the name of a stage", title: "stage" })
        .describe("Stage of the Dockerfile to build. Default: the last stage.")
        .optional(),
    }),
  ],
  { error: mustBeBuild },
);

export const service = z.strictObject({
  image: image.describe("Image to run. Required unless `build` is set.").optional(),
  build: build
    .describe(
      "Folder with a Dockerfile, relative to pipeline.yaml and inside its folder, or a map with the keys `context`, `dockerfile`, `args`, and `target` of Compose. The build argument `BASE` is a Debian image that is available without a registry, too.",
    )
    .optional(),
  entrypoint: command
    .describe(
      "Entrypoint that replaces the entrypoint and the command of the image. Accepts the same forms as `command`.",
    )
    .optional(),
  command: command
    .describe(
      "Command that replaces the command of the image: a string, which is split like a shell command, or a list of strings.",
    )
    .optional(),
  user: text({ pattern: /^\S+$/, must: "must be a user such as app or 1000:1000", title: "user" })
    .meta(textOrNumber)
    .describe("User name or id that the container runs as, optionally followed by `:GROUP`.")
    .optional(),
  environment: environment
    .describe(
      "Environment variables. `{{ kafka.bootstrap }}` and `{{ STORE.url }}` are replaced by addresses.",
    )
    .optional(),
  ...serviceHost,
  ports: z
    .array(
      z
        .string({ error: "must be a port such as 8085:8080" })
        .meta({ ...textOrNumber, title: "port" }),
      { error: mustBePorts },
    )
    .describe(
      'Published ports, in the syntax of Compose. `"8085:8080"` publishes port 8080 of the container as port 8085. `"8080"` picks a free port. `"0.0.0.0:8085:8080"` binds to another address than 127.0.0.1.',
    )
    .optional(),
  ready: ready
    .describe(
      "Readiness check of the service. Default: its `healthcheck` must succeed. A service without a `healthcheck` is ready when it keeps running.",
    )
    .optional(),
  healthcheck: healthcheck
    .describe(
      "Health check, in the syntax of Compose. The engine runs it at an interval and shows the result in `docker ps`. dp runs it without waiting for the interval until the service is ready.",
    )
    .optional(),
  depends_on: dependencies
    .describe(
      "Dependencies: services, stores, `kafka` (all brokers), `zookeeper`, or `airflow`. The service starts after them and stops before them. A list waits for their start, a map for a condition. After `kafka` always means after the topics have been created.",
    )
    .optional(),
  restart: text({
    pattern: /^(no|always|unless-stopped|on-failure(:[1-9]\d{0,5})?)$/,
    must: 'must be "no", always, unless-stopped, on-failure or on-failure:N with N from 1 to 999999',
    title: "restart policy",
  })
    .describe(
      'Restart policy. `"no"` makes the service a one-shot job: it must exit with code 0, and it runs again only when it has changed. With the other values the engine restarts the container when it exits. Default: the service must keep running.',
    )
    .optional(),
  scale: wholeNumber({ min: 0, max: 1, must: "must be 0 or 1" })
    .describe(
      "Number of containers. `0` runs the service only as a step of a pipeline (`run: { service: NAME }`).",
    )
    .meta({ default: defaults.scale })
    .optional(),
  mem_limit: memory.describe("Memory limit of the container. Default: no limit.").optional(),
  cpus: text({
    pattern: /^\d+(\.\d+)?$/,
    isValid: (written) => parseDecimal(written, processorLimits) !== undefined,
    must: "must be a number of processors from 0.01 to 1024, e.g. 0.5 or 2",
    title: "number",
  })
    .meta(textOrNumber)
    .describe("CPU limit of the container, e.g. `0.5`. Default: no limit.")
    .optional(),
  stop_grace_period: pause
    .describe("Time between SIGTERM and SIGKILL when the container is stopped.")
    .meta({ default: defaults.stopGracePeriod })
    .optional(),
  volumes: volumes
    .describe(
      "Volumes. `name:/path` keeps data in a volume of the stack. `./folder:/path` mounts a folder or file beside pipeline.yaml, read-only with `:ro`.",
    )
    .optional(),
});
