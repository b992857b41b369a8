import { expect, test } from "vitest";
import { createFailures } from "../../../src/kafka/produce/failures.ts";
import { withTimes } from "../../../src/kafka/produce/refused.ts";

test("records of one kind of reason are one group, with the numbers of the first", () => {
  const failures = createFailures();
  for (const line of [5, 9]) {
    failures.add({
      why: `offset ${line} is too late`,
      kind: "offset N",
      records: 1,
      lines: [line],
    });
  }
  failures.add({ why: "without key", records: 1, lines: [7] });
  expect(failures.list()).toMatchObject([
    { why: "offset 5 is too late", records: 2, lines: [5, 9] },
    { why: "without key", records: 1, lines: [7] },
  ]);
});

test("reasons beyond the first twenty are one group", () => {
  const failures = createFailures();
  for (let line = 1; line <= 25; line++) {
    failures.add({ why: `${line}`, records: 1, lines: [line] });
  }
  expect(failures.list()).toHaveLength(21);
  expect(failures.list().at(-1)).toMatchObject({ why: "other reasons", records: 5 });
});

test("times of a broker's message keep their digits and are readable", () => {
  expect(withTimes("Timestamp 4102444800000 of message with offset 12 is out of range")).toBe(
    "Timestamp 4102444800000 (2100-01-01T00:00:00.000Z) of message with offset 12 is out of range",
  );
});
