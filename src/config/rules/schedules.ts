import { nearest } from "../../stack/nearest.ts";
import { cronProblem, scheduleWords } from "../cron.ts";
import { entriesOf } from "../written.ts";
import type { Found, Rule } from "./rule.ts";

export const schedulesAreValid: Rule = ({ spec }) =>
  entriesOf(spec.pipelines).flatMap(([name, { schedule }]): Found[] => {
    if (schedule === undefined || scheduleWords.includes(schedule)) return [];
    const path = ["pipelines", name, "schedule"];
    if (/^@?[A-Za-z]+$/.test(schedule)) {
      const guess = nearest(schedule.replace(/^@/, ""), scheduleWords);
      return [
        {
          path,
          message: `"${schedule}" is no schedule`,
          hint:
            guess === undefined
              ? `write ${scheduleWords.join(", ")}, or five cron fields`
              : `write ${guess}`,
        },
      ];
    }
    const problem = cronProblem(schedule);
    if (problem === undefined) return [];
    return [
      {
        path,
        message: `"${schedule}" ${problem}`,
        hint: "the fields are minute, hour, day of the month, month and day of the week: 30 6 * * mon-fri",
      },
    ];
  });

export const timezonesExist: Rule = ({ spec }) =>
  entriesOf(spec.pipelines).flatMap(([name, { timezone }]): Found[] => {
    if (timezone === undefined || isTimezone(timezone)) return [];
    const guess = nearest(timezone, Intl.supportedValuesOf("timeZone"));
    return [
      {
        path: ["pipelines", name, "timezone"],
        message: `"${timezone}" is no time zone`,
        hint: `write ${guess ?? "one of the IANA list, such as Europe/Berlin or UTC"}`,
      },
    ];
  });

/** Offsets such as +01:00 are none: Airflow takes names only. */
function isTimezone(name: string): boolean {
  try {
    void new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
