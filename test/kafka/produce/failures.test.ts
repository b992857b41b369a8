import { expect, test } from "vitest";
import { createFailures } from "../../../src/kafka/produce/failures.ts";
import { explainRefusal } from "../../../src/kafka/produce/refused.ts";

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

test.each([
  [
    "4102444800000",
    "2100-01-01T00:00:00.000Z, is after 2026-11-30T15:05:09.181Z",
    "latest",
    "after",
  ],
  [
    "1790000000123456789",
    "1790000000123456789, is after 2026-11-30T15:05:09.181Z",
    "latest",
    "after",
  ],
  ["1000", "1970-01-01T00:00:01.000Z, is before 2026-01-01T00:00:00.000Z", "earliest", "before"],
])("timestamp %s out of range is explained as a time with its limit", (time, text, ends, key) => {
  const range = "[1767225600000, 1796051109181]";
  const told = `Timestamp ${time} of message with offset 1 is out of range. The timestamp should be within ${range}`;
  expect(explainRefusal(told)).toBe(
    `its time, ${text}, the ${ends} that the topic accepts (message.timestamp.${key}.max.ms)`,
  );
});

test("other messages of a broker keep their words and numbers", () => {
  const text = "Record 12 is without key in topic t-4102444800000";
  expect(explainRefusal(text)).toBe(text);
});
