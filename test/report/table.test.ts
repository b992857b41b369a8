import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { coloredStyle } from "../../src/report/colored-style.ts";
import { renderTable, type Table } from "../../src/report/table.ts";
import { visibleWidth } from "../../src/report/width.ts";

const services: Table = {
  columns: [
    { header: "service" },
    { header: "health reason", shrink: true },
    { header: "mem mb", align: "right" },
  ],
  rows: [
    ["kafka-1", "not in the metadata of kafka-2 and kafka-3", 108],
    ["zookeeper-1", undefined, 7],
  ],
};

test("a table must have upper-case headers without spaces, and - for what is missing", () => {
  expect(renderTable(services)).toBe(
    [
      "SERVICE      HEALTH-REASON                               MEM-MB",
      "kafka-1      not in the metadata of kafka-2 and kafka-3     108",
      "zookeeper-1  -                                                7",
      "",
    ].join("\n"),
  );
});

test("a table on a narrow terminal must take the width from the marked column", () => {
  expect(renderTable({ ...services, width: 40 })).toBe(
    [
      "SERVICE      HEALTH-REASON        MEM-MB",
      "kafka-1      not in the metadat…     108",
      "zookeeper-1  -                         7",
      "",
    ].join("\n"),
  );
});

test("without a mark the last column must give way first", () => {
  const columns = [{ header: "a" }, { header: "b" }];
  expect(renderTable({ columns, rows: [["x".repeat(12), "y".repeat(12)]], width: 23 })).toBe(
    `A             B\n${"x".repeat(12)}  ${"y".repeat(8)}…\n`,
  );
});

test.each([1, 5, 12, 20, 30, 50, 200])("no line must be wider than a terminal of %d", (width) => {
  const lines = renderTable({ ...services, width }).split("\n");
  expect(lines).toHaveLength(4);
  expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(width);
});

test("coloured cells must stay aligned", () => {
  const { green, red } = coloredStyle;
  const columns = [{ header: "state" }, { header: "n", align: "right" as const }];
  const coloured = renderTable({
    columns,
    rows: [
      [green("running"), 1],
      [red("exited"), 20],
    ],
    style: coloredStyle,
  });
  expect(stripVTControlCharacters(coloured)).toBe("STATE     N\nrunning   1\nexited   20\n");
});

test("a table without rows must still have its header", () => {
  expect(renderTable({ columns: services.columns, rows: [] })).toBe(
    "SERVICE  HEALTH-REASON  MEM-MB\n",
  );
});
