import type { Place } from "./tree.ts";

/**
 * A line of the Compose file that pipeline.yaml does not have (`dropped`), or has in another form (`changed`), or
 * has an effect that only its author can evaluate (`check`).
 */
export interface Note {
  /** Undefined for what belongs to the file as a whole. */
  readonly service: string | undefined;
  readonly change: "dropped" | "changed" | "check";
  /** The key inside the service, with dots, e.g. `environment.KAFKA_BROKER_ID`. */
  readonly key: string;
  readonly reason: string;
  readonly at: Place;
}

/** Collects notes; a line that several services share through an anchor is noted once. */
export interface Notes {
  readonly drop: (note: Omit<Note, "change">) => void;
  readonly change: (note: Omit<Note, "change">) => void;
  readonly check: (note: Omit<Note, "change">) => void;
  readonly all: () => readonly Note[];
}

export function createNotes(): Notes {
  const notes = new Map<string, Note>();
  const add = (note: Note): void => {
    const { service, at, key, reason, change } = note;
    const shared = JSON.stringify([at.file, at.line, at.column, key, reason, change]);
    if (!notes.has(shared)) notes.set(shared, { service, change, key, reason, at });
  };
  return {
    drop: (note) => add({ ...note, change: "dropped" }),
    change: (note) => add({ ...note, change: "changed" }),
    check: (note) => add({ ...note, change: "check" }),
    all: () => [...notes.values()],
  };
}
