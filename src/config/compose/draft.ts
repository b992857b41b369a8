/** A value of pipeline.yaml. */
export type Setting =
  | string
  | number
  | boolean
  | readonly Setting[]
  | { readonly [key: string]: Setting };

export type Settings = Record<string, Setting>;

/** A section or an entry of pipeline.yaml, with the comment above it. */
export interface Part {
  readonly comment: readonly string[];
  readonly settings: Settings;
}

/** What a profile of Compose adds. */
export interface DraftProfile {
  readonly stores: Map<string, Part>;
  readonly services: Map<string, Part>;
}

/** A pipeline.yaml before it is text. */
export interface Draft {
  readonly name: string | undefined;
  readonly zookeeper: Part | undefined;
  readonly kafka: Part | undefined;
  readonly airflow: Part | undefined;
  readonly stores: Map<string, Part>;
  readonly services: Map<string, Part>;
  readonly topics: Map<string, Part>;
  readonly profiles: Map<string, DraftProfile>;
}

/** The settings without those that are undefined. */
export function settingsOf(settings: Readonly<Record<string, Setting | undefined>>): Settings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Undefined for an empty list or map, which pipeline.yaml leaves out. */
export function unlessEmpty<T extends Setting>(value: T): T | undefined {
  return typeof value === "object" && Object.keys(value).length === 0 ? undefined : value;
}
