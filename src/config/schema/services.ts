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
  textOrNumber,
  wait,
  wholeNumber,
} from "./parts.ts";

const httpCheck = z.strictObject(
  {
    port: containerPort
      .describe("Port of the container; it must be published under `ports`.")
      .optional(),
    path: text({ pattern: /^\//, must: "must be a path that begins with /", title: "path" })
      .describe("Path to ask for.")
      .meta({ default: defaults.readyPath })
      .optional(),
    status: wholeNumber({ min: 100, max: 599 })
      .describe("Status that the answer must have.")
      .meta({ default: defaults.readyStatus })
      .optional(),
  },
  { error: "must be a map with port, path and status" },
);

const ready = z.strictObject(
  {
    http: httpCheck.describe("Ready when an HTTP request is answered.").optional(),
    tcp: containerPort
      .describe("Ready when this port of the container takes connections; it must be published.")
      .optional(),
    exec: command
      .describe("Ready when this command, run in the container, ends with exit code 0.")
      .optional(),
    log: text({ must: "must be a regular expression", title: "regular expression" })
      .describe("Ready when a line of the log matches this regular expression.")
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
              "What is waited for: its start, that it is ready, or that a one-shot has ended with exit code 0.",
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
          z.string({ error: mustBeTest }).meta({ title: "text" }),
          z.array(z.string({ error: "must be text" }).meta({ ...textOrNumber, title: "word" }), {
            error: mustBeTest,
          }),
        ],
        { error: mustBeTest },
      )
      .describe(
        "Text for a shell, or a list of words after `CMD`, a text after `CMD-SHELL`, or `NONE`.",
      )
      .optional(),
    interval: wait.describe("Between two runs of the engine; 30s when left out.").optional(),
    timeout: wait.describe("How long one run may take; 30s when left out.").optional(),
    retries: wholeNumber({ min: 1, max: 1000 })
      .describe("Failures in a row that the engine calls unhealthy; 3 when left out.")
      .optional(),
    start_period: pause.describe("How long after the start failures don't count.").optional(),
    disable: z
      .boolean({ error: "must be true or false" })
      .meta({ title: "`true` or `false`" })
      .describe("`true` switches off the check that the image brings.")
      .optional(),
  },
  { error: "must be a map with test, interval, timeout, retries, start_period and disable" },
);

const mustBePorts = 'must be a list of ports such as "8085:8080"';
const mustBeVolumes =
  'must be a list of volumes such as "data:/var/lib/app" or "./conf:/etc/app:ro"';

export const service = z.strictObject({
  image: image.describe("Image to run. Either this or `build`.").optional(),
  build: pathOf("a folder with a Dockerfile")
    .describe(
      "Folder with a Dockerfile, relative to pipeline.yaml and inside its folder. The build argument `BASE` names a Debian image that is there without a registry, too.",
    )
    .optional(),
  entrypoint: command
    .describe(
      "Entrypoint instead of the image's own, in the forms of `command`; the image's command then falls away.",
    )
    .optional(),
  command: command
    .describe(
      "Command instead of the image's own: text, split as a shell does, or a list of words.",
    )
    .optional(),
  user: text({ pattern: /^\S+$/, must: "must be a user such as app or 1000:1000", title: "user" })
    .meta(textOrNumber)
    .describe("Name or id of the user that it runs as, with `:GROUP` if need be.")
    .optional(),
  environment: environment
    .describe("Environment variables. `{{ kafka.bootstrap }}` and `{{ STORE.url }}` are filled in.")
    .optional(),
  ports: z
    .array(
      z
        .string({ error: "must be a port such as 8085:8080" })
        .meta({ ...textOrNumber, title: "port" }),
      { error: mustBePorts },
    )
    .describe(
      'Ports on this machine, as in Compose: `"8085:8080"` is this machine\'s and the container\'s, `"8080"` takes a free one, `"0.0.0.0:8085:8080"` names the address (127.0.0.1 when left out).',
    )
    .optional(),
  ready: ready
    .describe(
      "How the service shows that it is ready. When left out its `healthcheck` must succeed; without one it must just stay up.",
    )
    .optional(),
  healthcheck: healthcheck
    .describe(
      "As in Compose: what the engine asks again and again, and shows in `docker ps`. dp asks it by itself, without pauses, until the service is ready.",
    )
    .optional(),
  depends_on: dependencies
    .describe(
      "What it starts after, and stops before: services, stores, `kafka` (all brokers), `zookeeper` and `airflow`. A list waits for their start.",
    )
    .optional(),
  restart: text({
    pattern: /^(no|always|unless-stopped|on-failure(:[1-9]\d{0,5})?)$/,
    must: 'must be "no", always, unless-stopped, on-failure or on-failure:N with N from 1 to 999999',
    title: "restart policy",
  })
    .describe(
      '`"no"` makes it a one-shot: it must end with exit code 0, and runs again only when it has changed. With the others the engine starts it again when it exits. When left out it must stay up.',
    )
    .optional(),
  mem_limit: memory.describe("Memory that the container may use.").optional(),
  cpus: text({
    pattern: /^\d+(\.\d+)?$/,
    isValid: (written) => parseDecimal(written, processorLimits) !== undefined,
    must: "must be a number of processors from 0.01 to 1024, e.g. 0.5 or 2",
    title: "number",
  })
    .meta(textOrNumber)
    .describe("Processors that the container may use.")
    .optional(),
  stop_grace_period: pause
    .describe("Between SIGTERM and SIGKILL when it is stopped.")
    .meta({ default: defaults.stopGracePeriod })
    .optional(),
  volumes: z
    .array(
      z.string({ error: "must be a volume such as data:/var/lib/app" }).meta({ title: "volume" }),
      {
        error: mustBeVolumes,
      },
    )
    .describe(
      "`name:/path` keeps data in a volume of the stack; `./folder:/path`, also with `:ro`, shows a folder beside pipeline.yaml.",
    )
    .optional(),
});
