import { formatPath } from "../../stack/path.ts";
import { connectionId, connectionVariable, valueVariable } from "../../stack/airflow-ids.ts";
import { defaults } from "../defaults.ts";
import { parseExtra } from "../airflow-connections.ts";
import { entriesOf, present } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

/** The column of an id in Airflow's database: https://airflow.apache.org/docs/apache-airflow/3.3.2/database-erd-ref.html */
const idForm = /^[A-Za-z0-9_.-]{1,250}$/;

export const connectionIdsAreFree: Rule = ({ spec }) => {
  const airflow = present(spec.airflow);
  const stores = new Map(entriesOf(spec.stores).map(([name]) => [connectionId(name), name]));
  return Object.keys(airflow?.connections ?? {}).flatMap((id): Found[] => {
    const at = { path: ["airflow", "connections", id], on: "key" as const };
    if (!idForm.test(id)) {
      const message = `"${id}" cannot be the id of a connection`;
      return [{ ...at, message, hint: "use up to 250 letters, digits, dots, dashes, underscores" }];
    }
    const store = stores.get(id);
    if (store !== undefined) {
      const message = `"${id}" is the connection of the store "${store}"`;
      return [{ ...at, message, hint: "choose another id" }];
    }
    return setTwice(
      { ...at, name: `connection "${id}"`, variable: connectionVariable(id) },
      airflow,
    );
  });
};

export const airflowVariablesAreFree: Rule = ({ spec }) => {
  const airflow = present(spec.airflow);
  return Object.keys(airflow?.variables ?? {}).flatMap((key): Found[] => {
    const at = { path: ["airflow", "variables", key], on: "key" as const };
    if (key.trim() === "" || key.length > 250) {
      const message = `"${key}" cannot be the key of a variable`;
      return [{ ...at, message, hint: "use 1 to 250 characters" }];
    }
    return setTwice({ ...at, name: `variable "${key}"`, variable: valueVariable(key) }, airflow);
  });
};

/** Airflow would use one of the two without a message. */
function setTwice(
  one: Pick<Found, "path" | "on"> & { readonly name: string; readonly variable: string },
  airflow: { readonly environment?: Readonly<Record<string, string>> | undefined } | undefined,
): Found[] {
  const { name, variable, ...at } = one;
  if (airflow?.environment?.[variable] === undefined) return [];
  const message = `the ${name} is also set by ${variable} in airflow.environment`;
  return [{ ...at, message, hint: "remove one of the two" }];
}

/** Messages have no values, which may be secrets. */
export const connectionsAreReadable: Rule = ({ spec }) =>
  Object.entries(present(spec.airflow)?.connections ?? {}).flatMap(([id, written]): Found[] => {
    const path = ["airflow", "connections", id];
    if (typeof written === "string") {
      if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return [];
      const message = `the value of connection "${id}" is not a URI`;
      return [{ path, message, hint: 'write "TYPE://LOGIN:PASSWORD@HOST:PORT/SCHEMA", or a map' }];
    }
    if (written.conn_type === undefined) {
      const given = [[...path, "conn_type"]];
      const message = `connection "${id}" requires conn_type`;
      return [{ path, on: "key", message, hint: "write its type, e.g. conn_type: http", given }];
    }
    if (typeof written.extra !== "string" || parseExtra(written.extra)) return [];
    const message = `extra of connection "${id}" is not a JSON object`;
    return [{ path: [...path, "extra"], message, hint: "write a map, or a JSON object in quotes" }];
  });

/** As for passwords of stores: what is written in the file is in every copy of the file. */
export const connectionPasswordsAreVariables: Rule = ({ spec, fromVariables }) =>
  Object.entries(present(spec.airflow)?.connections ?? {}).flatMap(([id, written]): Found[] => {
    const path = [
      "airflow",
      "connections",
      id,
      ...(typeof written === "string" ? [] : ["password"]),
    ];
    const password =
      typeof written === "string" ? /:\/\/[^/@]*:([^/@]+)@/.exec(written)?.[1] : written.password;
    const isHarmless = password === undefined || password === defaults.storePassword;
    if (isHarmless || fromVariables.has(formatPath(path))) return [];
    return [
      {
        severity: "warning",
        path,
        message: `the password of connection "${id}" is in plain text`,
        hint: 'write "${NAME}" for it, and set NAME in .env beside the file',
      },
    ];
  });
