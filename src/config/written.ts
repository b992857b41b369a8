import type { Path } from "../stack/path.ts";
import { defaults } from "./defaults.ts";
import type { Spec } from "./schema.ts";

/** The parts of pipeline.yaml as they are written, without those that are switched off. */

type Entries<T> = Exclude<T, false | null | undefined>[keyof Exclude<T, false | null | undefined>];
type Present<T> = Exclude<T, false | null | undefined>;

export type WrittenStore = Present<Entries<Spec["stores"]>>;
export type WrittenService = Present<Entries<Spec["services"]>>;
export type WrittenPipeline = Present<Entries<Spec["pipelines"]>>;
export type WrittenStep = Present<Entries<WrittenPipeline["steps"]>>;
export type WrittenTopic = Present<Exclude<Present<Spec["topics"]>, string[]>[string]>;

/** A section's settings: nothing means defaults, false and absent mean absent. */
export function present<T extends object>(section: T | false | null | undefined): T | undefined {
  if (section === false || section === undefined) return undefined;
  return section ?? ({} as T);
}

/** The named parts of a section; those set to false are left out. */
export function entriesOf<T extends object>(
  section: Readonly<Record<string, T | false | null>> | false | null | undefined,
): (readonly [string, T])[] {
  return Object.entries(section || {}).flatMap(([name, entry]) => {
    const written = present(entry);
    return written ? [[name, written] as const] : [];
  });
}

/** Topics of the map or the list form; those set to false are left out. */
export function topicsOf(spec: Spec): (readonly [string, WrittenTopic])[] {
  if (Array.isArray(spec.topics)) return spec.topics.map((name) => [name, {}] as const);
  return entriesOf(spec.topics);
}

export interface PlacedStep {
  readonly pipeline: string;
  readonly id: string;
  readonly path: Path;
  readonly step: WrittenStep;
}

/** All steps of all pipelines. */
export function stepsOf(spec: Spec): PlacedStep[] {
  return entriesOf(spec.pipelines).flatMap(([pipeline, { steps }]) =>
    entriesOf(steps).map(([id, step]) => ({
      pipeline,
      id,
      path: ["pipelines", pipeline, "steps", id],
      step,
    })),
  );
}

/** The one, or the list, as a list. */
export function listOf<T>(oneOrMore: T | readonly T[] | undefined): readonly T[] {
  if (oneOrMore === undefined) return [];
  return isList(oneOrMore) ? oneOrMore : [oneOrMore];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** The map form of `build`, with paths as they are written. */
export function buildOf(written: NonNullable<WrittenService["build"]>) {
  const form: Exclude<typeof written, string> =
    typeof written === "string" ? { context: written } : written;
  const { context = ".", dockerfile = defaults.dockerfile, args = {}, target } = form;
  return { context, dockerfile, args, target };
}

export interface WrittenDependency {
  readonly name: string;
  readonly condition: DependencyCondition;
  /** Its place under `depends_on`. */
  readonly key: string | number;
}

export type DependencyCondition =
  | "service_started"
  | "service_healthy"
  | "service_completed_successfully";

/** What a service depends on, in the list or the map form. */
export function dependenciesOf({ depends_on: written = [] }: WrittenService): WrittenDependency[] {
  if (Array.isArray(written)) {
    return written.map((name, key) => ({ name, condition: defaults.condition, key }));
  }
  return Object.entries(written).map(([name, { condition = defaults.condition }]) => ({
    name,
    condition,
    key: name,
  }));
}

/** The lines of `extra_hosts`: `name:address` for each entry of a map. */
export function extraHostsOf({ extra_hosts: written = [] }: WrittenService): readonly string[] {
  if (Array.isArray(written)) return written;
  return Object.entries(written).map(([name, address]) => `${name}:${address}`);
}
