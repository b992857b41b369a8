import { expect, test } from "vitest";
import { createReadCheck, type Pickup } from "../../src/airflow/versions.ts";

const sentAt = 1000;
const dag = (parsedAt: number, parseMs: number): Pickup =>
  ({ dags: [{ file: "a.py", parsedAt, parseMs }], errors: [] }) as unknown as Pickup;
const error = (at: number): Pickup => ({
  dags: [],
  errors: [{ file: "a.py", at, stackTrace: "" }],
});

test.each<[name: string, looks: readonly Pickup[], read: boolean]>([
  ["a DAG stored before", [dag(900, 10)], false],
  ["a DAG whose reading began before", [dag(1050, 100)], false],
  ["a DAG whose reading began after", [dag(1050, 100), dag(1150, 100)], true],
  ["an error stored before", [error(900), error(900)], false],
  ["an error stored once", [error(1100), error(1100)], false],
  ["an error stored twice", [error(1100), error(1200)], true],
  ["an error that the next reading did not find", [error(1100), dag(1300, 100)], true],
])("%s must be told from what came of the file as it was: %#", (_, looks, read) => {
  const isRead = createReadCheck(sentAt);
  const told = looks.map((look) => isRead(look, "a.py"));
  expect(told.at(-1)).toBe(read);
  expect(isRead(looks[0] ?? dag(0, 0), "b.py")).toBe(false);
});
