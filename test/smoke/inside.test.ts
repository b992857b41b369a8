import { expect, test } from "vitest";
import { judgeInside, type InsideRecord } from "../../src/smoke/checks/inside.ts";
import type { InsideRun, ReadRecord } from "../../src/smoke/model.ts";

const records: readonly InsideRecord[] = [1, 2, 3].flatMap((id) =>
  [0, 1].map((index) => ({
    key: `k${id}${index}`,
    value: `v${id}${index}`,
    partition: id - 1,
    leader: `kafka-${id}`,
  })),
);
const log: readonly ReadRecord[] = records.map(({ key, value, partition }, index) => ({
  key,
  value,
  partition,
  offset: index % 2,
}));
const lines = records.map(
  ({ key, value, partition }) => `Partition:${partition}\t${key}\t${value}`,
);
const run: InsideRun = {
  service: "kafka-1",
  exitCode: 0,
  stdout: `${lines.join("\n")}\n`,
  stderr: "Processed a total of 6 messages\n",
};

test("records that went through every broker and came back must pass", () => {
  expect(judgeInside({ records, run, log })).toEqual({
    verdict: "passed",
    evidence:
      "6 records by Java's clients from kafka-1's container through kafka-1:9092, kafka-2:9092, kafka-3:9092, each back once",
  });
});

test.each<[fault: string, planted: Partial<Parameters<typeof judgeInside>[0]>, evidence: string]>([
  [
    "a broker whose name does not resolve",
    {
      log: log.slice(0, 4),
      run: {
        ...run,
        exitCode: 1,
        stdout: lines.slice(0, 4).join("\n"),
        stderr:
          "[2026-11-22 19:00:00,000] WARN Couldn't resolve server kafka-3:9092\nProcessed 4\n",
      },
    },
    "kafka-3:9092 took 0 of 2; exit 1; WARN Couldn't resolve server kafka-3:9092",
  ],
  [
    "a broker that is not reached, on which the whole group depends",
    {
      log: log.slice(0, 4),
      run: {
        ...run,
        exitCode: 1,
        stdout: "",
        stderr:
          "[2026-11-22 19:00:00,000] WARN Connection to node 3 could not be established. (org.apache.kafka.clients.NetworkClient)\n",
      },
    },
    "kafka-3:9092 took 0 of 2; exit 1; WARN Connection to node 3 could not be established.",
  ],
  [
    "a record that does not come back",
    { run: { ...run, stdout: lines.slice(0, 5).join("\n") } },
    "kafka-3:9092 returned 1 of 2",
  ],
  [
    "a record that comes back twice",
    { run: { ...run, stdout: [...lines.slice(0, 1), ...lines].join("\n") } },
    "kafka-1:9092 returned 1 twice",
  ],
  [
    "a record that Java's partitioner puts elsewhere",
    { log: log.map((one, index) => (index === 2 ? { ...one, partition: 0 } : one)) },
    "kafka-2:9092 took 1 of 2",
  ],
  [
    "a record that nobody wrote",
    { run: { ...run, stdout: `${run.stdout}Partition:0\tother\tvalue\n` } },
    "7 records came back, 6 were written",
  ],
  ["a doubled record in the log", { log: [...log, ...log.slice(0, 1)] }, "7 records in the log"],
  ["tools that fail", { run: { ...run, exitCode: 3 } }, "exit 3"],
])("%s must fail", (_, planted, evidence) => {
  expect(judgeInside({ records, run, log, ...planted })).toEqual({
    verdict: "failed",
    evidence: `from kafka-1's container: ${evidence}`,
  });
});

test("no records must fail", () => {
  expect(judgeInside({ records: [], run: { ...run, stdout: "" }, log: [] }).verdict).toBe("failed");
});
