import path from "node:path";
import { isOutside } from "../../files/real-path.ts";
import { parsePort, shellWords } from "../container-forms.ts";
import { buildOf, entriesOf, type WrittenService } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";

type ServiceRule = (name: string, service: WrittenService, input: RuleInput) => Found[];

function forServices(rule: ServiceRule): Rule {
  return (input) =>
    entriesOf(input.spec.services).flatMap(([name, service]) => rule(name, service, input));
}

export const servicesHaveOneSource: Rule = forServices((name, { image, build }) => {
  if ((image === undefined) !== (build === undefined)) return [];
  const both = image !== undefined;
  return [
    {
      path: both ? ["services", name, "build"] : ["services", name],
      on: "key",
      message: both
        ? `service "${name}" has an image and a build`
        : `service "${name}" has neither an image nor a build`,
      hint: both ? "keep one of the two" : "write image: NAME, or build: FOLDER with a Dockerfile",
      given: [
        ["services", name, "image"],
        ["services", name, "build"],
      ],
    },
  ];
});

export const buildsHaveDockerfiles: Rule = forServices((name, { build }, rules) => {
  if (build === undefined) return [];
  const { context, dockerfile } = buildOf(build);
  const at = ["services", name, "build"];
  const isMap = typeof build !== "string";
  const contextAt = isMap && build.context !== undefined ? [...at, "context"] : at;
  if (/:\/\/|^git@/.test(context)) {
    return [
      {
        path: contextAt,
        message: `"${context}" is a URL, and dp builds images from folders only`,
        hint: "clone the repository into a folder beside pipeline.yaml, and write its path",
      },
    ];
  }
  const found = pathProblems({ at: contextAt, written: context, want: "folder", rules });
  if (found.length > 0) return found;
  const dockerfileAt = isMap && build.dockerfile !== undefined ? [...at, "dockerfile"] : at;
  if (path.isAbsolute(dockerfile) || isOutside(path.normalize(dockerfile))) {
    return [
      {
        path: dockerfileAt,
        message: `"${dockerfile}" lies outside the build context "${context}"`,
        hint: "the path is relative to context; choose a context that contains the Dockerfile",
      },
    ];
  }
  const written = path.join(context, dockerfile);
  const missing = pathProblems({ at: dockerfileAt, written, want: "file", rules });
  return missing.map((each) => ({ ...each, hint: "the build needs a Dockerfile" }));
});

export const servicePortsAreReadable: Rule = forServices((name, { ports = [] }) =>
  ports.flatMap((text, index) =>
    parsePort(text)
      ? []
      : [
          {
            path: ["services", name, "ports", index],
            message: `"${text}" is no port`,
            hint: 'write "8085:8080" (this machine, container), "8080" for a free one, or "0.0.0.0:8085:8080"',
          },
        ],
  ),
);

export const commandsAreReadable: Rule = forServices((name, { entrypoint, command, ready }) => {
  const commands = [
    { text: entrypoint, path: ["services", name, "entrypoint"] },
    { text: command, path: ["services", name, "command"] },
    { text: ready?.exec, path: ["services", name, "ready", "exec"] },
  ];
  return commands.flatMap(({ text, path }) =>
    typeof text === "string" && shellWords(text) === undefined
      ? [
          {
            path,
            message: "a quote in the command is never closed",
            hint: 'write it as a list of words: ["sh", "-c", "…"]',
          },
        ]
      : [],
  );
});

export const readyIsOneCheck: Rule = forServices((name, { ready }) => {
  const kinds = Object.keys(ready ?? {});
  if (!ready || kinds.length === 1) return [];
  const path = ["services", name, "ready"];
  return [
    {
      path,
      on: "key",
      message:
        kinds.length === 0
          ? `service "${name}" says nothing of how it is ready`
          : `service "${name}" is ready in more than one way: ${kinds.join(", ")}`,
      hint: "write one of http, tcp, exec and log",
      given: ["http", "tcp", "exec", "log"].map((kind) => [...path, kind]),
    },
  ];
});

/** dp asks from this machine, so the port must be published. */
export const readyPortsArePublished: Rule = forServices((name, { ready, ports = [] }) => {
  const path = ["services", name, "ready"];
  if (ready?.http && ready.http.port === undefined) {
    return [
      {
        path: [...path, "http"],
        on: "key",
        message: `the check of "${name}" names no port`,
        hint: "write port, the container's: { http: { port: 8080 } }",
        given: [[...path, "http", "port"]],
      },
    ];
  }
  const published = ports.map((text) => parsePort(text)?.containerPort);
  return [
    { port: ready?.http?.port, at: [...path, "http", "port"] },
    { port: ready?.tcp, at: [...path, "tcp"] },
  ].flatMap(({ port, at }): Found[] =>
    port === undefined || published.includes(port)
      ? []
      : [
          {
            path: at,
            message: `port ${port} of "${name}" is not published, so that it can't be asked`,
            hint: `add "${port}" to ports for a free port on this machine, or "HOST:${port}"`,
            given: [["services", name, "ports"]],
          },
        ],
  );
});

export const readyPatternIsValid: Rule = forServices((name, { ready }) => {
  if (ready?.log === undefined) return [];
  try {
    void new RegExp(ready.log);
    return [];
  } catch (error) {
    return [
      {
        path: ["services", name, "ready", "log"],
        message: `"${ready.log}" is no regular expression${error instanceof Error ? `: ${error.message.replace(/^.*\/: /, "")}` : ""}`,
        hint: "put a backslash before ( ) [ ] { } + * ? . that are meant as they are",
      },
    ];
  }
});
