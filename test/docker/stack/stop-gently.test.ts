import type Dockerode from "dockerode";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { gentleStop } from "../../../src/docker/stack/stop-gently.ts";
import { hashOf } from "../../../src/stack/fingerprint.ts";
import type { ObservedContainer } from "../../../src/model/containers.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function node(id: string, roles = "broker,controller"): ObservedContainer {
  const parts = { "file.server.properties#process.roles": hashOf(roles) };
  const seen: Partial<ObservedContainer> = { id, service: id, kind: "kafka", parts };
  return { ...seen, state: "running" } as ObservedContainer;
}

/** Containers that end only when they are killed, and of which the test says whose logs are closed. */
function stubbornNodes() {
  const closed = new Set<string>();
  const killed: string[] = [];
  const asked = new Map<string, number>();
  const ends = new Map<string, () => void>();
  const client = {
    getContainer: (id: string) => ({
      stop: () => new Promise<void>((resolve) => ends.set(id, resolve)),
      infoArchive: async () => {
        asked.set(id, (asked.get(id) ?? 0) + 1);
        if (!closed.has(id)) throw Object.assign(new Error("no such file"), { statusCode: 404 });
      },
      kill: async () => {
        killed.push(id);
        ends.get(id)?.();
      },
    }),
  } as unknown as Dockerode;
  return { client, closed, killed, asked, end: (id: string) => ends.get(id)?.() };
}

test("controllers must be killed only when the logs of all of them are closed", async () => {
  const nodes = stubbornNodes();
  const containers = [node("a"), node("b"), node("c")];
  const gently = gentleStop(nodes.client, containers);
  const stopped = containers.map(gently);
  nodes.closed.add("a").add("b");
  // Longer than the time that a node gets to hand over.
  await vi.advanceTimersByTimeAsync(900);
  expect(nodes.asked.get("c")).toBeGreaterThan(8);
  expect(nodes.killed).toEqual([]);
  nodes.closed.add("c");
  await vi.advanceTimersByTimeAsync(900);
  await Promise.all(stopped);
  expect(nodes.killed.toSorted()).toEqual(["a", "b", "c"]);
});

test("a controller that has ended must not hold the others back, nor be killed", async () => {
  const nodes = stubbornNodes();
  const containers = [node("a"), node("b")];
  const gently = gentleStop(nodes.client, containers);
  const stopped = containers.map(gently);
  nodes.end("a");
  nodes.closed.add("b");
  await vi.advanceTimersByTimeAsync(900);
  await Promise.all(stopped);
  expect(nodes.killed).toEqual(["b"]);
});

test("a broker that is no controller must be left its time", async () => {
  const nodes = stubbornNodes();
  nodes.closed.add("a");
  const broker = node("a", "broker");
  const stopping = gentleStop(nodes.client, [broker])(broker);
  nodes.end("a");
  await stopping;
  expect(nodes.asked.size).toBe(0);
});
