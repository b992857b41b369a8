import { expect, test } from "vitest";
import type { Pickup } from "../../../src/airflow/versions.ts";
import {
  createSettling,
  currentErrors,
  definesDag,
  type AwaitedFile,
} from "../../../src/app/deploy/settle-dags.ts";

const at = 1000;
const file = (isNew: boolean): AwaitedFile => ({ path: "a.py", isNew, hasDag: true });
const loaded = (parsedAt: number, stale = false): Pickup =>
  ({ dags: [{ file: "a.py", parsedAt, stale }], errors: [] }) as unknown as Pickup;
const broken = (errorAt: number): Pickup => ({
  dags: [],
  errors: [{ file: "a.py", at: errorAt, stackTrace: "" }],
});

test.each<[title: string, isNew: boolean, looks: readonly Pickup[], isRead: boolean]>([
  ["a new file that Airflow loaded", true, [loaded(1100)], true],
  ["a new file whose DAG is from an earlier container", true, [loaded(900)], false],
  ["a new file with one error, as a module may come later", true, [broken(1100)], false],
  ["a new file with an error in two readings", true, [broken(1100), broken(1300)], true],
  ["a new file with an error at first", true, [broken(1100), loaded(1300)], true],
  ["a changed file with one reading, maybe of before", false, [loaded(1100)], false],
  ["a changed file with two readings", false, [loaded(1100), loaded(1300)], true],
  ["a changed file with the error of before", false, [broken(900), broken(900)], false],
  ["no reading", true, [{ dags: [], errors: [] }], false],
])("decides whether Airflow has read %s", (_, isNew, looks, isRead) => {
  const settling = createSettling({ wanted: [], toRead: [file(isNew)], at });
  const states = looks.map((look) => settling(look));
  expect(states.at(-1)?.unread.length === 0).toBe(isRead);
});

test("a reading is expected of files with a DAG, and of files that Airflow knows", () => {
  const helper = { path: "a.py", isNew: false, hasDag: false };
  const settling = createSettling({ wanted: [], toRead: [helper], at });
  const isExpected = (now: Pickup) => settling(now).unread.map((one) => one.isExpected);
  expect(isExpected({ dags: [], errors: [] })).toEqual([false]);
  expect(isExpected(loaded(900, true))).toEqual([false]);
  expect(isExpected(loaded(900))).toEqual([true]);
  expect(isExpected(broken(900))).toEqual([true]);
});

test("an error of an earlier version is not current, one of an unchanged file is", () => {
  const toRead = [file(false)];
  const awaited = { wanted: [], toRead, at };
  const other = { file: "b.py", at: 900, stackTrace: "" };
  const { errors } = broken(900);
  const now = { dags: [], errors: [...errors, other] };
  expect(currentErrors(now, awaited, [])).toEqual([other]);
  const unread = [{ path: "a.py", isExpected: true }];
  expect(currentErrors(broken(1100), awaited, unread)).toEqual([]);
  expect(currentErrors(broken(1100), awaited, [])).toEqual(broken(1100).errors);
});

test.each([
  ['with DAG("daily", schedule=None):\n    pass\n', true],
  ['daily = models.DAG("daily")\n', true],
  ["@dag(\n    schedule=None,\n)\ndef daily():\n    pass\n\n\ndaily()\n", true],
  ["@dag\ndef daily():\n    pass\n\n\none = daily()\n", true],
  ["@dag\ndef daily():\n    pass\n", false],
  ["def make(name):\n    with DAG(name):\n        pass\n", false],
  ['DAG("daily", schedule=None)\n', false],
  ["from airflow.sdk import DAG\n", false],
])("finds out whether a file certainly defines a DAG: %j", (text, defines) => {
  expect(definesDag(text)).toBe(defines);
});
