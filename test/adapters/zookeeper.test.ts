import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { checkZooKeeper, serverStatus } from "../../src/zookeeper/four-letter.ts";
import { openZooKeeper } from "../../src/zookeeper/session.ts";
import { isBrokerRegistered, readKafkaState } from "../../src/zookeeper/znodes.ts";
import { sharedCluster } from "../support/shared-clusters.ts";

test("what ZooKeeper and Kafka say of themselves must be read", async () => {
  const running = await sharedCluster("zookeeper");
  const address = running.zookeeper ?? { host: "", port: 0 };
  const { chroot } = running;

  expect(await serverStatus({ address })).toEqual({
    mode: "standalone",
    version: expect.stringMatching(/^3\.8\./),
  });
  expect(await checkZooKeeper([{ service: "zookeeper-1", address }])).toEqual({ ready: true });

  // On a busy machine a session may end once, and the broker registers again.
  await vi.waitFor(
    async () => expect((await readKafkaState({ address, chroot })).brokerIds).toEqual([1, 2, 3]),
    { timeout: 20_000, interval: 200 },
  );
  const state = await readKafkaState({ address, chroot });
  expect([1, 2, 3]).toContain(state.controllerId);
  expect(state.clusterId).toMatch(/^[\w-]{22}$/);
  expect(await readKafkaState({ address, chroot: "/nothing" })).toEqual({
    brokerIds: [],
    controllerId: undefined,
    clusterId: undefined,
  });

  const reader = await openZooKeeper({ address });
  expect(await reader.children(`${chroot}/brokers`)).toEqual(["ids", "seqid", "topics"]);
  expect(await reader.data(`${chroot}/none`)).toBeUndefined();
  reader.close();

  expect(await isBrokerRegistered({ address, chroot, id: 2 })).toBe(true);
  expect(await isBrokerRegistered({ address, chroot, id: 4 })).toBe(false);
});

test("where nothing listens it must be said, and fail at once", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const address = { host: "127.0.0.1", port };
  expect(await checkZooKeeper([{ service: "zookeeper-1", address }])).toEqual({
    ready: false,
    waitingFor: `zookeeper-1 does not answer on 127.0.0.1:${port}`,
  });
  await expect(openZooKeeper({ address })).rejects.toMatchObject({ code: "zookeeper-failed" });
});
