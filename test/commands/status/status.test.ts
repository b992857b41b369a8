import { expect, test } from "vitest";
import type { StatusDocument } from "../../../src/app/status/document.ts";
import { renderStatus } from "../../../src/commands/status/render.ts";
import { newsFilter } from "../../../src/commands/status/watch.ts";
import { plainStyle } from "../../../src/report/style.ts";

const service = {
  service: "kafka-1",
  state: "running",
  health: "healthy",
  reason: null,
  detail: null,
  address: "127.0.0.1:9092",
  uptimeMs: 65_000,
  cpuPercent: 1.5,
  memoryBytes: 200_000_000,
  image: "kafka:4",
} as const;
const document: StatusDocument = {
  project: "shop",
  file: "/shop/pipeline.yaml",
  services: [service],
  topics: [{ topic: "orders", partitions: 2, replication: 1, trouble: null }],
  pipelines: [
    {
      pipeline: "ingest",
      from: "file",
      schedule: "0 * * * *",
      paused: false,
      lastRun: {
        run: "dp__1",
        state: "succeeded",
        type: "manual",
        runAfter: "2026-11-22T00:00:00Z",
        startedAt: "2026-11-22T10:00:00Z",
        durationMs: 1000,
      },
      nextRun: "2026-11-22T12:00:00Z",
      broken: null,
    },
  ],
};

test("status must show services, then topics, then pipelines, in a line each", () => {
  const view = { style: plainStyle, columns: undefined };
  const now = Date.parse("2026-11-22T11:30:00Z");
  expect(renderStatus(document, view, now)).toBe(
    `SERVICE  STATE    HEALTH   ADDRESS         UPTIME    CPU  MEMORY
kafka-1  running  healthy  127.0.0.1:9092     1 m  1.5 %  200 MB

TOPIC   PARTITIONS  REPLICATION  HEALTH
orders           2            1  healthy

PIPELINE  SCHEDULE   LAST-RUN   WHEN     NEXT-RUN              NOTE
ingest    0 * * * *  succeeded  1 h ago  2026-11-22 12:00:00Z  -
`,
  );
});

test("a reason that the table has no room for must stand whole below it", () => {
  const reason = "exited with code 1: No readable meta.properties files found (dp logs, dp up)";
  const sick = { ...service, state: "exited", health: "unhealthy", reason } as const;
  const shown = (columns: number | undefined): string =>
    renderStatus(
      { ...document, services: [sick], topics: [], pipelines: [] },
      { style: plainStyle, columns },
      0,
    );
  expect(shown(60)).toMatch(/^kafka-1  exited +exit/m);
  expect(shown(60).trimEnd().split("\n").slice(2)).toEqual(["", `kafka-1: ${reason}`]);
  expect(shown(200).trimEnd().split("\n")).toHaveLength(2);
});

test("a stack that is down must be told, with the pipelines of its file", () => {
  const view = { style: plainStyle, columns: undefined };
  const down = { ...document, services: [], topics: [] };
  const [first, second, third] = renderStatus(down, view, 0).split("\n");
  expect([first, second]).toEqual(["nothing of shop is on the engine; dp up starts it", ""]);
  expect(third).toMatch(/^PIPELINE/);
});

test("use of CPU and memory, and uptime, must be no news; state, topics and runs must", () => {
  const isNews = newsFilter();
  expect(isNews(document)).toBe(true);
  const busier = { ...service, uptimeMs: 70_000, cpuPercent: 90, memoryBytes: 1 };
  expect(isNews({ ...document, services: [busier] })).toBe(false);
  expect(isNews({ ...document, services: [{ ...busier, state: "exited" }] })).toBe(true);
  expect(isNews({ ...document, topics: [] })).toBe(true);
});
