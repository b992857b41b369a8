import { expect, test } from "vitest";
import {
  cgroupOf,
  judgeThreads,
  parseProcessLimit,
  type ThreadLimit,
} from "../../../src/app/diagnosis/judge-threads.ts";

const needs = [
  { service: "kafka-1", threads: 120 },
  { service: "zookeeper-1", threads: 40 },
];
const kernel: ThreadLimit = {
  name: "kernel.pid_max",
  limit: 32_768,
  used: 700,
  needs,
  mend: "sysctl -w kernel.pid_max=…",
};
const group: ThreadLimit = {
  name: "/sys/fs/cgroup/docker/pids.max",
  limit: 500,
  used: 100,
  needs,
  mend: "raise it",
};

test.each([
  [100, "ok", "room for 400 more of 500"],
  [300, "warning", "room for 200 more of 500"],
  [350, "problem", "room for 150 more of 500"],
  [600, "problem", "room for 0 more of 500"],
])("a limit of 500 with %i threads in use must be %s for 160 more", (used, verdict, detail) => {
  const finding = judgeThreads([kernel, { ...group, used }]);
  expect(finding).toMatchObject({ check: "threads", verdict });
  expect(finding.detail).toContain(detail);
  expect(finding.detail).toContain("/sys/fs/cgroup/docker/pids.max");
  expect(finding.mend).toBe(verdict === "ok" ? null : "raise it");
  expect(finding.evidence).toEqual([
    "kafka-1: about 120",
    "zookeeper-1: about 40",
    "kernel.pid_max: 700 of 32768 in use",
    `/sys/fs/cgroup/docker/pids.max: ${used} of 500 in use`,
  ]);
});

test("a container that is about to reach its own limit must be warned of, though nothing is to start", () => {
  const own: ThreadLimit = { ...group, name: "its own", limit: 110, used: 102, needs: [] };
  expect(judgeThreads([{ ...kernel, needs: [] }, own])).toMatchObject({
    verdict: "warning",
    detail: "room for 8 more of 110 (its own)",
  });
  expect(judgeThreads([{ ...own, used: 90 }]).verdict).toBe("ok");
});

test("limits that nobody can read must be said to be unknown", () => {
  const unknown = "their limits can't be looked at from here";
  expect(judgeThreads(undefined)).toMatchObject({ verdict: "ok", detail: unknown });
  expect(judgeThreads([])).toMatchObject({ verdict: "ok", detail: unknown });
});

test("a control group must be found in both versions of them", () => {
  const first = "9:name=systemd:/\n8:pids:/docker/1f\n0::/\n";
  expect(cgroupOf(first)).toBe("/sys/fs/cgroup/pids/docker/1f");
  expect(cgroupOf("3:cpu,pids:/a\n")).toBe("/sys/fs/cgroup/pids/a");
  const second = "0::/system.slice/docker-1f.scope\n";
  expect(cgroupOf(second)).toBe("/sys/fs/cgroup/system.slice/docker-1f.scope");
  expect(cgroupOf("")).toBeUndefined();
});

test("a process's limit must be the soft one; unlimited is none", () => {
  expect(parseProcessLimit("Max processes             100          200         processes \n")).toBe(
    100,
  );
  expect(
    parseProcessLimit("Max processes             unlimited    unlimited   processes \n"),
  ).toBeUndefined();
  expect(parseProcessLimit("")).toBeUndefined();
});
