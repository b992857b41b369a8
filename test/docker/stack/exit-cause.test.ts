import { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { expect, test, vi } from "vitest";
import { wasOutOfMemory, wasStopped } from "../../../src/docker/stack/exit-cause.ts";

const wait = { waitMs: 2000 };
const ended = {
  id: "a",
  kind: "service",
  exitCode: 137,
  oomKilled: false,
  isLimited: true,
  startedAt: Date.parse("2026-11-23T10:00:00Z"),
} as const;

interface Given {
  /** The events of the container that the engine remembers. */
  readonly events?: readonly string[];
  /** At which look the engine has marked the container, counted from 1. */
  readonly markedAtLook?: number;
  /** Whether the file is there that a broker writes when its logs are closed. */
  readonly hasClosedLogs?: boolean;
}

/** An engine that answers as a real one does: the events that match the filter, then the end at `until`. */
function engineOf({ events = [], markedAtLook = Infinity, hasClosedLogs = false }: Given) {
  let looks = 0;
  const inspect = vi.fn<() => Promise<object>>(async () => ({
    State: { OOMKilled: ++looks >= markedAtLook },
  }));
  const getEvents = vi.fn<(query: { filters: { event: string[] } }) => Promise<Readable>>(
    async ({ filters }) => Readable.from(events.filter((event) => filters.event.includes(event))),
  );
  const infoArchive = () => (hasClosedLogs ? Promise.resolve() : Promise.reject(new Error("404")));
  const client = { getEvents, getContainer: () => ({ inspect, infoArchive }) };
  return { client: client as unknown as Dockerode, inspect, getEvents };
}

test("takes an event for the kernel's reason where the engine never marks the container", async () => {
  const { client, getEvents } = engineOf({ events: ["oom"] });
  expect(await wasOutOfMemory(client, ended, wait)).toBe(true);
  expect(getEvents).toHaveBeenCalledWith(
    expect.objectContaining({ since: ended.startedAt / 1000, filters: expect.anything() }),
  );
});

test("looks again for a mark that the engine sets after the exit", async () => {
  const { client, inspect } = engineOf({ markedAtLook: 4 });
  expect(await wasOutOfMemory(client, ended, wait)).toBe(true);
  expect(inspect).toHaveBeenCalledTimes(4);
});

test.each([
  ["a SIGKILL without a mark or an event", {}, { waitMs: 10 }],
  ["an exit with another code", { exitCode: 1 }, wait],
  ["a container without a limit", { isLimited: false }, wait],
])("does not take %s for the kernel's reason", async (what, differs, limit) => {
  const { client } = engineOf(what.startsWith("a SIGKILL") ? {} : { events: ["oom"] });
  expect(await wasOutOfMemory(client, { ...ended, ...differs }, limit)).toBe(false);
});

test.each<[what: string, exit: Partial<Parameters<typeof wasStopped>[1]>, given: Given]>([
  ["SIGTERM", { exitCode: 143 }, {}],
  ["a stop that the engine remembers", { exitCode: 0 }, { events: ["stop"] }],
  ["a kill after its logs were closed", { kind: "kafka" }, { hasClosedLogs: true }],
])("takes a container that ended by %s for stopped on request", async (_, exit, given) => {
  const { client } = engineOf(given);
  expect(await wasStopped(client, { ...ended, ...exit })).toBe(true);
});

test.each<[what: string, exit: Partial<Parameters<typeof wasStopped>[1]>, given: Given]>([
  ["that failed", { exitCode: 1, kind: "kafka" }, { hasClosedLogs: true }],
  ["that the kernel killed", { kind: "kafka" }, { events: ["oom"] }],
])("does not take a container %s for stopped on request", async (_, exit, given) => {
  const { client } = engineOf(given);
  expect(await wasStopped(client, { ...ended, ...exit })).toBe(false);
});
