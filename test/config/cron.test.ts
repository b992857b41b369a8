import { expect, test } from "vitest";
import { cronOf, cronProblem } from "../../src/config/cron.ts";

test.each([
  ["hourly", "0 * * * *"],
  ["daily", "0 0 * * *"],
  ["weekly", "0 0 * * 0"],
  ["monthly", "0 0 1 * *"],
  ["  */5  1 * * * ", "*/5 1 * * *"],
])("the schedule %j must be %s", (schedule, cron) => {
  expect(cronOf(schedule)).toBe(cron);
});

test.each([
  "* * * * *",
  "*/15 0-6,22 1,15 JAN-mar sun",
  "59 23 31 12 7",
  "5/10 * * * mon-fri/2",
  "00 07 * * 0",
])("%s must be a cron expression", (cron) => {
  expect(cronProblem(cron)).toBeUndefined();
});

test.each([
  ["* * * *", "has 4 fields"],
  ["0", "has 1 field,"],
  ["0 0 0 * * *", "has 6 fields"],
  ["60 * * * *", 'has "60", and the minute goes from 0 to 59'],
  ["* 24 * * *", 'has "24", and the hour goes from 0 to 23'],
  ["* * 0 * *", 'has "0", and the day of the month goes from 1 to 31'],
  ["* * * foo *", 'has "foo", and the month goes from 1 to 12'],
  ["* * * * 8", 'has "8", and the day of the week goes from 0 to 7'],
  ["*/0 * * * *", 'has the step 0 in "*/0"'],
  ["30-10 * * * *", 'has "30-10", which ends before it begins'],
  ["1, * * * *", 'has "" for the minute'],
  ["*-5 * * * *", 'has "*-5" for the minute'],
  ["? * * * *", 'has "?" for the minute'],
  ["mon * * * *", 'has "mon", and the minute'],
])("%s must be refused: it %s", (cron, problem) => {
  expect(cronProblem(cron)).toContain(problem);
});
