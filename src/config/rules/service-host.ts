import path from "node:path";
import { parseExtraHost } from "../container-forms.ts";
import { parseDotenv } from "../dotenv.ts";
import { entriesOf, extraHostsOf } from "../written.ts";
import { pathProblems } from "./paths.ts";
import type { Found, Rule, RuleInput } from "./rule.ts";
import { suggest } from "./suggest.ts";

/** Each file is there, and each of its lines is a variable. */
export const envFilesAreReadable: Rule = (rules) =>
  entriesOf(rules.spec.services).flatMap(([name, { env_file: written }]) => {
    const at = ["services", name, "env_file"];
    if (written === undefined) return [];
    const files = typeof written === "string" ? [written] : written;
    return files.flatMap((file, index) =>
      fileProblems({ at: typeof written === "string" ? at : [...at, index], file, rules }),
    );
  });

function fileProblems(input: {
  readonly at: readonly (string | number)[];
  readonly file: string;
  readonly rules: RuleInput;
}): Found[] {
  const { at, file, rules } = input;
  const missing = pathProblems({ at, written: file, want: "file", rules });
  if (missing.length > 0) return missing;
  const text = rules.textOf(path.resolve(path.dirname(rules.stack.file), file));
  if (text === undefined) {
    return [
      { path: at, message: `can't read "${file}"`, hint: "check the permissions of the file" },
    ];
  }
  const { problems, unfilled } = parseDotenv(text, rules.lookup);
  return [
    ...problems.map(({ line, reason }) => ({
      path: at,
      message: `${file}:${line} is not an assignment: ${reason}`,
      hint: "write NAME=value, or begin the line with # for a comment",
    })),
    ...[...unfilled].map(([name, { line, reason }]) => ({
      path: at,
      message: `${file}:${line}: the value of ${name} can't be filled in: ${reason}`,
      hint: "put the value in single quotes if its dollar sign is part of the value",
    })),
  ];
}

export const extraHostsAreReadable: Rule = ({ spec }) =>
  entriesOf(spec.services).flatMap(([name, service]) => {
    const { extra_hosts: written } = service;
    const keys = Array.isArray(written) ? [] : Object.keys(written ?? {});
    return extraHostsOf(service).flatMap((text, index): Found[] => {
      if (parseExtraHost(text)) return [];
      return [
        {
          path: ["services", name, "extra_hosts", keys[index] ?? index],
          message: `"${text}" is not a name with an address`,
          hint: 'write "NAME:ADDRESS" with an IP address or host-gateway, e.g. "db.local:10.0.0.5"',
        },
      ];
    });
  });

/** https://docs.docker.com/reference/cli/docker/container/run/#ulimit */
const limits = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

export const ulimitsAreKnown: Rule = ({ spec }) =>
  entriesOf(spec.services).flatMap(([name, { ulimits = {} }]) =>
    Object.entries(ulimits).flatMap(([limit, value]): Found[] => {
      const at = ["services", name, "ulimits", limit];
      if (!limits.includes(limit)) {
        return [
          {
            path: at,
            on: "key",
            message: `"${limit}" is not a limit of a process`,
            hint: suggest({ name: limit, known: limits, what: "limits", otherwise: "remove it" }),
          },
        ];
      }
      if (typeof value === "number") return [];
      const { soft, hard } = value;
      if (soft === undefined || hard === undefined) {
        return [
          {
            path: at,
            on: "key",
            message: `${limit} requires a soft limit and a hard limit`,
            hint: "write soft and hard, or one number for both",
            given: [
              [...at, "soft"],
              [...at, "hard"],
            ],
          },
        ];
      }
      if (hard === -1 || (soft !== -1 && soft <= hard)) return [];
      return [
        {
          path: [...at, "soft"],
          message: `the soft limit of ${limit} is above the hard limit`,
          hint: "lower soft, or raise hard",
          given: [[...at, "hard"]],
        },
      ];
    }),
  );

/** Keys that Compose users have in their files, and that dp decides itself. */
export const composeKeysHaveNoEffect: Rule = ({ spec, stack }) =>
  entriesOf(spec.services).flatMap(([name, { container_name: written, logging }]): Found[] => {
    const found: Found[] = [];
    const container = `${stack.name}-${name}`;
    if (written !== undefined && written !== container) {
      found.push({
        severity: "warning",
        path: ["services", name, "container_name"],
        on: "key",
        message: `container_name has no effect: the container is ${container}`,
        hint: `remove it; other containers reach the service as ${name}`,
      });
    }
    if (logging !== undefined) {
      found.push({
        severity: "warning",
        path: ["services", name, "logging"],
        on: "key",
        message: "logging has no effect: dp uses the engine's own log driver, which dp logs reads",
        hint: "remove it, or set the log driver of the engine in /etc/docker/daemon.json",
      });
    }
    return found;
  });
