import { formatPath } from "../../stack/path.ts";
import { defaults } from "../defaults.ts";
import { entriesOf, listOf } from "../written.ts";
import { pathProblems } from "./paths.ts";
import { refused, type Refused } from "./refused.ts";
import type { Found, Rule } from "./rule.ts";

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

const parameters: readonly Refused[] = [
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
];

export const storeConfigIsSafe: Rule = ({ spec }) =>
  entriesOf(spec.stores).flatMap(([name, { config }]) => {
    const path = ["stores", name, "config"];
    const names = Object.keys(config ?? {});
    return [
      ...refused({ path, names, table: parameters }),
      ...names
        .filter((key) => !/^[A-Za-z_][\w.]*$/.test(key))
        .map((key) => ({
          path: [...path, key],
          on: "key" as const,
          message: `"${key}" is no name of a server parameter`,
          hint: "parameters are written as in postgresql.conf: work_mem",
        })),
    ];
  });
