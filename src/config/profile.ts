import { isDeepStrictEqual } from "node:util";
import { DpError } from "../errors.ts";
import { nearest } from "../stack/nearest.ts";
import type { Path } from "../stack/path.ts";
import { mergeLayers, type Layer } from "./layers.ts";
import type { Found } from "./rules/rule.ts";
import type { Reading, Values } from "./values.ts";
import type { Spec } from "./schema.ts";
import { entriesOf } from "./written.ts";

/** What `--profile` takes to say that no profile is meant. */
export const noProfile = "none";

/** The names of the profiles in a file. */
export function profileNames(spec: Spec): string[] {
  return entriesOf(spec.profiles).map(([name]) => name);
}

/** How a path of the file is read when `profile` is the one in use. */
export function readingFor(profile: string | undefined): (path: Path) => Reading {
  return ([section, name]) => {
    if (section !== "profiles" || name === undefined) return "file";
    return name === profile ? "overlay" : "unused";
  };
}

/** The file's own sections, under its profiles. */
export function baseLayer(spec: Spec, { variables }: Values): Layer {
  const { profiles: _, ...value } = spec;
  const own = variables.filter(([[section]]) => section !== "profiles");
  return { value, removed: [], variables: own, originOf: (path) => ({ kind: "file", path }) };
}

/** A profile, as a layer over the file's own sections. */
export function profileLayer(input: { spec: Spec; read: Values; profile: string }): Layer {
  const { spec, read, profile } = input;
  const place = ["profiles", profile];
  const [, value] = entriesOf(spec.profiles).find(([name]) => name === profile) ?? [];
  return {
    value: value ?? {},
    removed: read.removed.flatMap((path) => inProfile(profile, path) ?? []),
    variables: read.variables.flatMap(([path, written]) => {
      const inside = inProfile(profile, path);
      return inside ? [[inside[0], written] as const] : [];
    }),
    originOf: (path) => ({ kind: "file", path: [...place, ...path] }),
  };
}

/** The path inside the profile; undefined for what lies elsewhere. */
export function inProfile(profile: string, path: Path): [Path] | undefined {
  return path[0] === "profiles" && path[1] === profile ? [path.slice(2)] : undefined;
}

/** Problems of the profiles themselves, whichever is in use. */
export function checkProfiles(input: { spec: Spec; read: Values; base: Layer }): Found[] {
  const { spec, read, base } = input;
  return profileNames(spec).flatMap((name): Found[] => {
    const path = ["profiles", name];
    const named = nameProblem(name);
    if (named) return [{ path, on: "key", ...named }];
    const layer = profileLayer({ spec, read, profile: name });
    // What a variable gives is known only where the profile is in use.
    const isSame = isDeepStrictEqual(mergeLayers(base, [layer]).value, base.value);
    if (!isSame || layer.variables.length > 0) return [];
    return [
      {
        severity: "warning",
        path,
        on: "key",
        message: `profile "${name}" overlays nothing`,
        hint: "write what is different with it, or remove it",
      },
    ];
  });
}

function nameProblem(name: string): { message: string; hint: string } | undefined {
  if (name === noProfile) {
    const hint = `--profile ${noProfile} means no profile: choose another name`;
    return { message: `"${name}" cannot be the name of a profile`, hint };
  }
  if (/^[a-z][a-z0-9_-]*$/.test(name)) return undefined;
  return {
    message: `"${name}" cannot be the name of a profile`,
    hint: "names have lower-case letters, digits, dashes and underscores, and begin with a letter",
  };
}

/** How a profile was chosen, for a message about it. */
export type ProfileSource = "flag" | "environment" | "last-up";

/** Wrong usage: the file has no profile of that name. */
export function unknownProfile(input: {
  name: string;
  known: readonly string[];
  source: ProfileSource;
}): DpError {
  const { name, known, source } = input;
  const guess = nearest(name, known);
  return new DpError({
    code: "usage",
    message: `there is no profile "${name}"${sources[source]}`,
    why: known.length === 0 ? "the file has none" : `the file has ${known.join(", ")}`,
    next:
      guess === undefined
        ? `name one with --profile, or --profile ${noProfile} for the file alone`
        : `did you mean --profile ${guess}?`,
  });
}

const sources: Readonly<Record<ProfileSource, string>> = {
  flag: "",
  environment: ", which DP_PROFILE names",
  "last-up": ", which the last dp up used",
};
