import { ownValue } from "../stack/own-value.ts";

const words: Readonly<Record<string, string>> = {
  hourly: "0 * * * *",
  daily: "0 0 * * *",
  weekly: "0 0 * * 0",
  monthly: "0 0 1 * *",
};

export const scheduleWords = Object.keys(words);

/** The five cron fields of a schedule; words such as `daily` are translated. */
export function cronOf(schedule: string): string {
  return ownValue(words, schedule) ?? schedule.trim().split(/\s+/).join(" ");
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the numbers from `min` on. */
  readonly names?: readonly string[];
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html; steps and names as in Vixie cron. */
const fields: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of the month", min: 1, max: 31 },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  {
    name: "day of the week",
    min: 0,
    max: 7,
    names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
  },
];

/**
 * What is wrong with a cron expression, as the end of a sentence; undefined when nothing is.
 *
 *     expression = field 4(BLANK field)
 *     field      = item *("," item)
 *     item       = ("*" | value ["-" value]) ["/" STEP]
 *     value      = NUMBER | NAME
 */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return `has ${parts.length} ${parts.length === 1 ? "field" : "fields"}, and a cron expression has 5`;
  }
  return fields
    .flatMap((field, index) =>
      (parts[index] ?? "").split(",").map((item) => [field, item] as const),
    )
    .map(([field, item]) => itemProblem(field, item))
    .find((problem) => problem !== undefined);
}

function itemProblem(field: Field, item: string): string | undefined {
  const [, from = "", to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  const range = `${field.name} goes from ${field.min} to ${field.max}`;
  const isNone = from === "" || (from === "*" && to !== undefined);
  if (isNone) return `has "${item}" for the ${field.name}`;
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.max)) {
    return `has the step ${step} in "${item}", and the ${range}`;
  }
  if (from === "*") return undefined;
  const [first, last] = [from, to ?? from].map((value) => valueOf(field, value));
  if (first === undefined || last === undefined) return `has "${item}", and the ${range}`;
  return first > last ? `has "${item}", which ends before it begins` : undefined;
}

function valueOf(field: Field, value: string): number | undefined {
  const named = field.names?.indexOf(value.toLowerCase()) ?? -1;
  if (named >= 0) return named + field.min;
  if (!/^\d+$/.test(value)) return undefined;
  const number = Number(value);
  return number >= field.min && number <= field.max ? number : undefined;
}
