import { formatPath } from "../../stack/path.ts";
import type { Stack } from "../../model/settings.ts";
import { defaults } from "../defaults.ts";
import { entriesOf, listOf, type WrittenStore } from "../written.ts";
import { pathProblems } from "./paths.ts";
import { refused, type Refused } from "./refused.ts";
import type { Found, Rule } from "./rule.ts";

type StoreType = (Stack["stores"] | Stack["fileStores"])[number]["type"];

/** How a sentence names a store of each type. */
const labels: Readonly<Record<StoreType, string>> = {
  postgres: "Postgres",
  redis: "Redis",
  s3: "S3",
  duckdb: "DuckDB",
};

const servers = ["postgres", "redis", "s3"] as const;

/** The types that each key is for. */
const typesOf: Readonly<Record<Exclude<keyof WrittenStore, "type">, readonly StoreType[]>> = {
  version: servers,
  image: servers,
  port: servers,
  mem_limit: servers,
  database: ["postgres"],
  user: ["postgres"],
  password: ["postgres", "redis"],
  init: ["postgres"],
  config: ["postgres", "redis"],
  buckets: ["s3"],
  path: ["duckdb"],
};

export const storeKeysFitTheType: Rule = ({ spec }) =>
  entriesOf(spec.stores).flatMap(([name, written]): Found[] => {
    const { type = defaults.storeType } = written;
    return Object.entries(typesOf)
      .filter(([key, types]) => key in written && !types.includes(type))
      .map(([key, types]) => ({
        path: ["stores", name, key],
        on: "key",
        message: `${key} has no effect: store "${name}" is of type ${type}`,
        hint: `remove the line; only ${listed(types)} stores have it`,
        given: [["stores", name, "type"]],
      }));
  });

/** `Postgres, Redis and S3`. */
function listed(types: readonly StoreType[]): string {
  return types
    .map((type) => labels[type])
    .join(", ")
    .replace(/, ([^,]+)$/, " and $1");
}

/** The file itself may be missing: whoever writes it first makes it. */
export const storeFilesAreInside: Rule = ({ spec, kindOf, ...rules }) =>
  entriesOf(spec.stores).flatMap(([name, { path: written }]) => {
    if (written === undefined) return [];
    const madeLater = (file: string) => (kindOf(file) === "missing" ? "file" : kindOf(file));
    const at = ["stores", name, "path"];
    return pathProblems({ at, written, want: "file", rules: { ...rules, kindOf: madeLater } });
  });

export const initFilesExist: Rule = ({ spec, ...rules }) =>
  entriesOf(spec.stores).flatMap(([name, { init }]) =>
    listOf(init).flatMap((written, index) => {
      const place = ["stores", name, "init"];
      const at = Array.isArray(init) ? [...place, index] : place;
      const found = pathProblems({ at, written, want: "file", rules });
      return found.length > 0 || written.endsWith(".sql")
        ? found
        : [{ path: at, message: `"${written}" is no SQL file`, hint: "its name must end in .sql" }];
    }),
  );

/** A password that stands in the file is in every copy of it. */
export const passwordsAreVariables: Rule = ({ spec, fromVariables }) =>
  entriesOf(spec.stores).flatMap(([name, { password }]): Found[] => {
    const path = ["stores", name, "password"];
    const isHarmless = password === undefined || password === defaults.storePassword;
    if (isHarmless || fromVariables.has(formatPath(path))) return [];
    const variable = `${name.toUpperCase().replaceAll("-", "_")}_PASSWORD`;
    return [
      {
        severity: "warning",
        path,
        message: `the password of store "${name}" stands in the file`,
        hint: `write "\${${variable}}", and set ${variable} in .env beside the file`,
      },
    ];
  });

const ownFolders = "the data lies in a volume of the stack at a fixed path";
const ownAddress = "the stack reaches the store at a fixed port inside the network";

const parameters: Readonly<Record<"postgres" | "redis", readonly Refused[]>> = {
  postgres: [
    {
      keys: /^(data_directory|hba_file|ident_file|config_file|external_pid_file)$/i,
      reason: ownFolders,
      instead: "remove the line",
    },
    {
      keys: /^(port|listen_addresses|unix_socket_directories)$/i,
      reason: ownAddress,
      instead: "set the port of this machine with the store's port",
    },
    {
      keys: /^ssl$/i,
      reason:
        "the steps and dp speak to the store without TLS, on loopback and in the stack's network",
      instead: "remove the line",
    },
  ],
  redis: [
    {
      keys: /^(dir|include|aclfile|logfile|pidfile)$/i,
      reason: ownFolders,
      instead: "remove the line",
    },
    {
      keys: /^(port|bind|unixsocket|tls-port|protected-mode)$/i,
      reason: ownAddress,
      instead: "set the port of this machine with the store's port",
    },
    {
      keys: /^(requirepass|user)$/i,
      reason: "dp and the steps log in with the store's own password",
      instead: "set it with the store's password",
    },
    {
      keys: /^(daemonize|supervised)$/i,
      reason: "the container runs as long as the server in it",
      instead: "remove the line",
    },
  ],
};

const parameterForms = {
  postgres: { form: /^[A-Za-z_][\w.]*$/, example: "as in postgresql.conf: work_mem" },
  redis: { form: /^[A-Za-z][A-Za-z0-9-]*$/, example: "as in redis.conf: maxmemory" },
} as const;

export const storeConfigIsSafe: Rule = ({ spec }) =>
  entriesOf(spec.stores).flatMap(([name, { type = defaults.storeType, config }]): Found[] => {
    if (type !== "postgres" && type !== "redis") return [];
    const path = ["stores", name, "config"];
    const entries = Object.entries(config ?? {});
    const names = entries.map(([key]) => key);
    const { form, example } = parameterForms[type];
    return [
      ...refused({ path, names, table: parameters[type] }),
      ...names
        .filter((key) => !form.test(key))
        .map((key) => ({
          path: [...path, key],
          on: "key" as const,
          message: `"${key}" is no name of a server parameter`,
          hint: `parameters are written ${example}`,
        })),
      ...entries
        .filter(([, value]) => type === "redis" && value.includes("\n"))
        .map(([key]) => ({
          path: [...path, key],
          message: `${key} has several lines: a directive of Redis is one line`,
          hint: "write it on one line",
        })),
    ];
  });
