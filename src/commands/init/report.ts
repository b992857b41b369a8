import path from "node:path";
import type { Note } from "../../config/compose/notes.ts";
import type { Place } from "../../config/compose/tree.ts";
import type { NeededVariable } from "../../config/compose/values.ts";
import type { Style } from "../../report/style.ts";
import { formatCount } from "../../report/format.ts";
import { pad, visibleWidth } from "../../report/width.ts";
import type { Converted } from "./convert-file.ts";

export interface ReportInput {
  readonly converted: Converted;
  /** Absolute path of the Compose file. */
  readonly source: string;
  /** Absolute path of the pipeline.yaml. */
  readonly target: string;
}

interface JsonNote {
  readonly change: Note["change"];
  readonly key: string;
  readonly reason: string;
  readonly at: { readonly file: string; readonly line: number; readonly column: number };
}

/** What `dp init --from FILE --json` prints. */
export interface InitDocument {
  /** The pipeline.yaml that was written. */
  readonly file: string;
  readonly from: string;
  readonly services: readonly {
    readonly name: string;
    readonly line: number;
    /** Its place in pipeline.yaml; null when it has none. */
    readonly becomes: string | null;
    readonly notes: readonly JsonNote[];
  }[];
  /** Notes on what belongs to no service. */
  readonly notes: readonly JsonNote[];
  /** Variables that must be set in `.env`. */
  readonly variables: readonly {
    readonly name: string;
    readonly kind: NeededVariable["kind"];
    readonly at: { readonly file: string; readonly line: number; readonly column: number };
  }[];
}

export function initDocument({ converted, source, target }: ReportInput): InitDocument {
  const { services, notes, needed } = converted;
  const notesOf = (service: string | undefined) =>
    inOrder(notes.filter((note) => note.service === service)).map(
      ({ change, key, reason, at }): JsonNote => ({ change, key, reason, at }),
    );
  return {
    file: target,
    from: source,
    services: services.map(({ name, at, becomes }) => ({
      name,
      line: at.line,
      becomes: becomes ?? null,
      notes: notesOf(name),
    })),
    notes: notesOf(undefined),
    variables: needed.map(({ name, kind, at }) => ({ name, kind, at })),
  };
}

/** The report for people: what became of each service, with the lines that are not kept, then what to do. */
export function renderInit({
  converted,
  source,
  target,
  style,
}: ReportInput & { style: Style }): string {
  const { services, notes, needed } = converted;
  const formatPlace = ({ file, line }: Place): string =>
    file === source ? String(line) : `${path.relative(path.dirname(source), file)}:${line}`;
  const notesOf = (service: string | undefined): string =>
    renderNotes({ notes: notes.filter((note) => note.service === service), formatPlace, style });
  const beside = notesOf(undefined);
  const dropped = notes.filter(({ change }) => change === "dropped").length;
  return [
    ...services.map(({ name, at, becomes }) => {
      const place = becomes === undefined ? style.yellow("not in pipeline.yaml") : becomes;
      return `${style.bold(name)} (line ${formatPlace(at)}) → ${place}\n${notesOf(name)}`;
    }),
    ...(beside === "" ? [] : [`${style.bold("outside the services")}\n${beside}`]),
    ...(needed.length === 0 ? [] : [renderNeeded({ needed, formatPlace, source, style })]),
    `${style.green("✓")} ${target} is written: ${formatCount(services.length, "service")} read, ${formatCount(dropped, "line")} dropped\n`,
  ].join("\n");
}

interface Rendering {
  readonly formatPlace: (at: Place) => string;
  readonly style: Style;
}

function renderNotes({
  notes,
  formatPlace,
  style,
}: Rendering & { notes: readonly Note[] }): string {
  const rows = inOrder(notes).map(({ at, change, key, reason }) => ({
    place: formatPlace(at),
    change,
    key: key === "" ? "the service" : key,
    reason,
  }));
  const widest = (texts: readonly string[]) => Math.max(...texts.map(visibleWidth));
  const placeWidth = widest(rows.map(({ place }) => place));
  const keyWidth = Math.min(widestKey, widest(rows.map(({ key }) => key)));
  return rows
    .map(({ place, change, key, reason }) => {
      const mark = marks[change](style);
      return `  ${pad(place, placeWidth, "right")}  ${mark}  ${pad(key, keyWidth)}  ${reason}\n`;
    })
    .join("");
}

const marks: Readonly<Record<Note["change"], (style: Style) => string>> = {
  dropped: () => "dropped",
  changed: ({ cyan }) => cyan("changed"),
  check: ({ yellow }) => yellow("check  "),
};

/** A longer key moves its own reason only. */
const widestKey = 60;

function inOrder(notes: readonly Note[]): Note[] {
  return notes.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
}

const describeNeeded: Readonly<Record<NeededVariable["kind"], (place: string) => string>> = {
  secret: (place) => `copy the value from ${place}`,
  unset: (place) => `not set, used at ${place}: Compose takes an empty value`,
  elsewhere: (place) => `copy it from the .env of the Compose file, used at ${place}`,
};

function renderNeeded(
  input: Rendering & { needed: readonly NeededVariable[]; source: string },
): string {
  const { needed, formatPlace, source, style } = input;
  const width = Math.max(...needed.map(({ name }) => name.length));
  const lines = needed.map(({ name, kind, at }) => {
    const place = `${path.basename(source)}:${formatPlace(at)}`;
    return `  ${pad(name, width)}  ${describeNeeded[kind](place)}\n`;
  });
  return `${style.bold("Set in .env beside pipeline.yaml, before dp up")}\n${lines.join("")}`;
}
