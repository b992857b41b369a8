import type { Event } from "../model/events.ts";
import { formatAge, formatSize } from "./format.ts";

type Step = Extract<Event, { type: "step" }>;
type Progress = Extract<Event, { type: "progress" }>;

/** What a finished action is called. */
const PAST: Readonly<Record<string, string>> = {
  apply: "applied",
  build: "built",
  change: "changed",
  configure: "configured",
  create: "created",
  drain: "drained",
  load: "loaded",
  move: "moved",
  prove: "proved",
  pull: "pulled",
  recreate: "recreated",
  remove: "removed",
  rename: "renamed",
  restore: "restored",
  run: "ran",
  seed: "seeded",
  send: "sent",
  start: "started",
  stop: "stopped",
  unpause: "unpaused",
  unregister: "unregistered",
  upload: "uploaded",
  wait: "waited",
  warm: "warmed",
};

/** The verb of a step for what has become of it: "create topic" → "created topic"; a wait ends in "ready". */
export function stepVerb(action: string, state: Step["state"]): string {
  switch (state) {
    case "start":
      return action;
    case "done": {
      if (action === "wait for") return "ready";
      const [verb = "", ...rest] = action.split(" ");
      return [PAST[verb] ?? verb, ...rest].join(" ");
    }
    case "failed":
      return `failed to ${action}`;
    case "canceled":
      return `canceled: ${action}`;
  }
}

/** Totals above this are sizes in bytes; below, they count steps. */
const LARGEST_COUNT = 10_000;

/** How far something is, then its text: `3/12  RUN …` or `38 MB of 58 MB  pulling`. */
export function progressText({ text, current, total }: Progress): string {
  if (current === undefined) return text;
  if ((total ?? current) <= LARGEST_COUNT) {
    return `${total === undefined ? current : `${current}/${total}`}  ${text}`;
  }
  const size = formatSize(current);
  return `${total === undefined ? size : `${size} of ${formatSize(total)}`}  ${text}`;
}

/** How far something is, as far as steps can be counted: sizes change too often for a line each. */
export function countedProgressText(progress: Progress): string {
  const { text, current, total } = progress;
  return total !== undefined && current !== undefined && total <= LARGEST_COUNT
    ? progressText(progress)
    : text;
}

/** A text with the time that is left until it comes true, from epoch milliseconds: `try 2 of 3 in 8 s`. */
export function withCountdown(text: string, until: string | undefined, now: number): string {
  if (until === undefined) return text;
  const leftS = Math.ceil((Date.parse(until) - now) / 1000);
  return leftS > 0 ? `${text} in ${formatAge(leftS * 1000)}` : `${text} is due`;
}
