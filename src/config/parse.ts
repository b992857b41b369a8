import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { formatPath, type Path } from "../stack/path.ts";
import type { Problem, ProblemPosition } from "../stack/problem.ts";
import { mergeLayers, type Layer, type Merged } from "./layers.ts";
import { locate, markKey, positionsIn, type Marks, type PositionOf } from "./locate.ts";
import {
  baseLayer,
  checkProfiles,
  inProfile,
  profileLayer,
  profileNames,
  readingFor,
} from "./profile.ts";
import type { Found } from "./rules/rule.ts";
import { checkValues, hintOf, messageOf, type Issue } from "./schema-issues.ts";
import { pipelineSchema, type Spec } from "./schema.ts";
import { undeclaredPart, type Setting } from "./set.ts";
import { isHarmless, syntaxProblems } from "./syntax.ts";
import { readValues, type ValueProblem, type Values } from "./values.ts";

export interface ParseInput {
  readonly text: string;
  readonly lookup: (name: string) => string | undefined;
  /** Name of the profile to lay over the file. */
  readonly profile?: string | undefined;
  /** What to lay over both, in its order. */
  readonly settings?: readonly Setting[];
}

/** Where a value was written; `at` is missing for what stands on the command line. */
export interface Place {
  readonly at?: ProblemPosition;
  /** The profile that it stands in. */
  readonly profile?: string;
  /** The flag that it stands in. */
  readonly flag?: string;
}

export interface Parsed {
  readonly problems: readonly Problem[];
  /** What could be understood; undefined when the text is no YAML. */
  readonly content: ParsedContent | undefined;
}

export interface ParsedContent {
  /** The file under its profile and settings. Wrong values are left out of it. */
  readonly spec: Spec;
  readonly profiles: readonly string[];
  /** Paths whose values were left out because they are wrong. */
  readonly broken: readonly Path[];
  /** Values that came from variables: dotted path → as written, e.g. `kafka.port` → `${PORT}`. */
  readonly fromVariables: ReadonlyMap<string, string>;
  /** The place of a value, or of the nearest part around it. */
  readonly placeOf: PlaceOf;
}

/** Reads the text of a pipeline.yaml: every problem of syntax, variables, keys and values at once. */
export function parseSpec({ text, lookup, profile, settings = [] }: ParseInput): Parsed {
  const document = parseDocument(text, { prettyErrors: false, merge: true, uniqueKeys: false });
  const errors = [...document.errors, ...document.warnings];
  const positionOf = positionsIn(text);
  const syntax = syntaxProblems({ text, errors, positionOf });
  if (!errors.every(isHarmless)) return { problems: syntax, content: undefined };

  const readingOf = readingFor(profile);
  const read = readValues({ document, text, schema: pipelineSchema, lookup, readingOf });
  // An empty file is checked as one without any section.
  const { valid, issues: found } = checkValues(pipelineSchema, read.value ?? {});
  // An item of a list that could not be read is missing in it.
  const unread = new Set(read.problems.map(({ path }) => markKey(path)));
  const issues = found.filter(({ path }) => !unread.has(markKey(path)));
  const base = baseLayer(valid, read);
  const inFile = (path: Path, on: "key" | "value"): Place => {
    return { at: positionOf(locate({ marks: read.marks, path, on })) };
  };
  const chosen = profile === undefined ? [] : [profileLayer({ spec: valid, read, profile })];
  const { merged, problems: ofSettings } = mergeSettings({ base, chosen, settings });
  const isInEffect = (path: Path): boolean => {
    const [inside] = inProfile(profile ?? "", path) ?? [];
    if (inside) return merged.originOf(inside).kind === "file";
    return isDeepStrictEqual(merged.originOf(path), { kind: "file", path });
  };
  const ofValues = read.problems.filter(({ unset, path }) => !unset || isInEffect(path));
  const wrong = [...ofValues.map(({ path }) => path), ...issues.map(({ path }) => path)];
  const wrongProfiles = new Set(
    wrong.flatMap(([section, name]) => (section === "profiles" ? [name] : [])),
  );
  const ofProfiles = checkProfiles({ spec: valid, read, base }).filter(
    ({ severity, path: [, name] }) => severity !== "warning" || !wrongProfiles.has(name),
  );

  const checked = checkValues(pipelineSchema, merged.value);
  const placeOf = placesIn({ marks: read.marks, positionOf, merged });
  return {
    problems: [
      ...syntax,
      ...ofValues.map((problem) => valueProblem(problem, positionOf, inFile)),
      ...issues.map((issue) => toProblem(issueProblem(issue, writtenAt(read)), inFile)),
      ...ofProfiles.map((found) => toProblem(found, inFile)),
      ...ofSettings,
      ...checked.issues.map((issue) =>
        toProblem(issueProblem(issue, merged.fromVariables), placeOf),
      ),
    ],
    content: {
      spec: checked.valid,
      profiles: profileNames(valid),
      broken: [
        ...wrong.flatMap((path) => [path, ...(inProfile(profile ?? "", path) ?? [])]),
        ...ofSettings.map(({ path }) => path),
        ...checked.issues.map(({ path }) => path),
      ],
      fromVariables: merged.fromVariables,
      placeOf,
    },
  };
}

/** The settings over the rest, less those that set something of what is not there. */
function mergeSettings(input: {
  base: Layer;
  chosen: readonly Layer[];
  settings: readonly Setting[];
}): { merged: Merged; problems: Problem[] } {
  const layers = [...input.chosen];
  const problems: Problem[] = [];
  let merged = mergeLayers(input.base, layers);
  for (const setting of input.settings) {
    const undeclared = undeclaredPart(setting, merged.value);
    if (undeclared) problems.push({ severity: "error", ...undeclared });
    else {
      layers.push(setting);
      merged = mergeLayers(input.base, layers);
    }
  }
  return { merged, problems };
}

export type PlaceOf = (path: Path, on: "key" | "value") => Place;

/** Places of values in the file as it is under its profile and settings. */
function placesIn(input: { marks: Marks; positionOf: PositionOf; merged: Merged }): PlaceOf {
  const { marks, positionOf, merged } = input;
  const placeOf: PlaceOf = (path, on) => {
    const origin = merged.originOf(path);
    if (origin.kind === "flag") return { flag: origin.flag };
    const isMarked = marks.has(markKey(origin.path));
    // What was not written is placed at the key of the nearest part that was.
    if (!isMarked && path.length > 0) return placeOf(path.slice(0, -1), "key");
    const [section, name] = origin.path;
    return {
      at: positionOf(locate({ marks, path: origin.path, on })),
      ...(section === "profiles" ? { profile: String(name) } : {}),
    };
  };
  return placeOf;
}

type Unplaced = Pick<Found, "severity" | "on"> & Pick<Problem, "path" | "message" | "hint">;

/** What was found, at its place; what stands in a flag names that flag. */
export function toProblem(found: Unplaced, placeOf: PlaceOf): Problem {
  const { severity = "error", path, on = "value", message, hint } = found;
  const { at, flag } = placeOf(path, on);
  return {
    severity,
    path,
    message: flag === undefined ? message : `${flag}: ${message}`,
    hint,
    ...(at ? { at } : {}),
  };
}

function valueProblem(found: ValueProblem, positionOf: PositionOf, placeOf: PlaceOf): Problem {
  const { path, on, span, message, hint } = found;
  const at = span ? positionOf(span) : placeOf(path, on).at;
  return { severity: "error", path, message, hint, ...(at ? { at } : {}) };
}

function issueProblem(issue: Issue, fromVariables: ReadonlyMap<string, string>): Unplaced {
  const written = fromVariables.get(formatPath(issue.path));
  if (written === undefined) {
    return { path: issue.path, message: messageOf(issue), hint: hintOf(issue) };
  }
  return { path: issue.path, message: messageOf(issue, written), hint: undefined };
}

function writtenAt({ variables }: Values): ReadonlyMap<string, string> {
  return new Map(variables.map(([path, written]) => [formatPath(path), written]));
}
