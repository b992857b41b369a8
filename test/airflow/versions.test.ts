import { expect, test } from "vitest";
import { createReadCheck, type Pickup } from "../../src/airflow/versions.ts";

const sentAt = 1000;
const dag = (parsedAt: number): Pickup =>
  ({ dags: [{ file: "a.py", parsedAt }], errors: [] }) as unknown as Pickup;
const error = (at: number): Pickup => ({
  dags: [],
  errors: [{ file: "a.py", at, stackTrace: "" }],
});

test.each<[name: string, looks: readonly Pickup[], read: boolean]>([
  ["stored before", [dag(900), error(901)], false],
  ["stored once", [dag(1050), dag(1050)], false],
  ["stored as an error once", [error(1050), error(1050)], false],
  ["stored twice", [dag(1050), dag(1150)], true],
  ["stored as an error twice", [error(1050), error(1150)], true],
  ["stored as an error, then well", [error(1050), dag(1150)], true],
  ["stored well, then as an error", [dag(1050), error(1150)], true],
])(
  "a file that was %s since it was sent must count as read only when it was twice",
  (_, looks, read) => {
    const isRead = createReadCheck(sentAt);
    const told = looks.map((look) => isRead(look, "a.py"));
    expect(told.at(-1)).toBe(read);
    expect(looks.map((look) => isRead(look, "b.py"))).not.toContain(true);
  },
);

test("files that are not asked for at each look must be watched all the same", () => {
  const isRead = createReadCheck(sentAt);
  const both = (at: number): Pickup => ({
    dags: ["a.py", "b.py"].map((file) => ({ ...dag(at).dags[0], file }) as Pickup["dags"][number]),
    errors: [],
  });
  expect(isRead(both(1050), "a.py")).toBe(false);
  expect(isRead(both(1150), "b.py")).toBe(true);
});
