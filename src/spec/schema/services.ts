import * as z from "zod";
import { defaults } from "../defaults.ts";
import {
  command,
  containerPort,
  environment,
  image,
  pathOf,
  text,
  textOrNumber,
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
  command: command
    .describe(
      "Command instead of the image's own: text, split as a shell does, or a list of words.",
    )
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
    .describe("How the service shows that it is ready. When left out it must just stay up.")
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
