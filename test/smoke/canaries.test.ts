import { expect, test, vi } from "vitest";
import { planCanaries } from "../../src/smoke/canaries.ts";
import type { SmokeCluster } from "../../src/smoke/model.ts";

test("a topic that is deleted before all brokers know it must be deleted all the same", async () => {
  let exists = false;
  let deletions = 0;
  const signal = new AbortController().signal;
  const partitions = [{ partition: 0, leader: 1 }];
  // A real broker learns of a topic too late only now and then.
  const cluster = {
    createTopic: async () => (exists = true),
    awaitServing: async () => {},
    deleteTopic: async () => {
      if (++deletions > 1) exists = false;
    },
    sightingsOf: async () => [{ brokerId: 1, partitions: exists ? partitions : [] }],
  } as unknown as SmokeCluster;
  const limits = { partitions: 1, replication: 1, runMs: 1000, signal };
  const canaries = planCanaries({ cluster, ...limits });
  await canaries.topic("canary");
  expect(await canaries.remove()).toEqual([]);
  expect(exists).toBe(false);
});

test("a topic is ready only when its leaders serve, not when they are named", async () => {
  const order: string[] = [];
  let serve = (): void => {};
  const cluster = {
    createTopic: async () => order.push("created"),
    sightingsOf: async () => [{ brokerId: 1, partitions: [{ partition: 0, leader: 1 }] }],
    awaitServing: () => {
      order.push("asked");
      return new Promise<void>((resolve) => (serve = resolve));
    },
  } as unknown as SmokeCluster;
  const { signal } = new AbortController();
  const canaries = planCanaries({ cluster, partitions: 1, replication: 1, runMs: 1000, signal });
  const ready = canaries.topic("canary").then(() => order.push("ready"));
  await vi.waitFor(() => expect(order).toEqual(["created", "asked"]));
  order.push("serves");
  serve();
  await ready;
  expect(order).toEqual(["created", "asked", "serves", "ready"]);
});
