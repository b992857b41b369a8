import type { AirflowConnection } from "../model/settings.ts";
import type { Spec } from "./schema.ts";
import { present } from "./written.ts";

type WrittenConnections = NonNullable<
  Exclude<Spec["airflow"], false | null | undefined>["connections"]
>;

/** The object that a text of JSON holds; undefined for any other text. */
export function parseExtra(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The connections of pipeline.yaml in the form of Airflow's file. */
export function resolveConnections(spec: Spec): Record<string, AirflowConnection> {
  const written: WrittenConnections = present(spec.airflow)?.connections ?? {};
  return Object.fromEntries(
    Object.entries(written).map(([id, connection]) => [id, resolveConnection(connection)]),
  );
}

function resolveConnection(written: WrittenConnections[string]): AirflowConnection {
  if (typeof written === "string") return written;
  const { extra, ...fields } = written;
  if (extra === undefined) return fields;
  return { ...fields, extra: typeof extra === "string" ? extra : JSON.stringify(extra) };
}
